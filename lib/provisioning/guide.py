# What there is, for a person at the prompt; loaded by provisioning.help() alone.
# MIT licence

TEXT = """\
provisioning: gets this board onto a Wi-Fi, with a phone, and keeps it there.

  provisioning.status()               what is going on, in words
  provisioning.forget()               forget all stored networks

In the background, while the prompt is used:
  host = provisioning.host.get()
  host.start(provisioning.MODE_AP)    a person can hand over a network; 0: started
  host.stop()                         end that
  host.keep()                         keep the board online; host.unkeep()
  host.listen(print)                  show each event

In an asyncio program:
  link = await provisioning.online()
  await provisioning.keep(work)       for ever; work(link) is your coroutine function
  outcome = await provisioning.Provisioner(print).run()

What is stored and set:
  provisioning.Profiles().all()       provisioning.Settings()
  provisioning.Profiles().add(provisioning.Profile("name", "password"))
  provisioning.Settings().update(country="DE")

The same by the names of a vendor's manual: import qth_wifi, or simplelink.
"""
