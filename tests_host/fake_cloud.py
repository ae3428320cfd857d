# A broker and the cloud behind it, and a client of umqtt.simple's interface to reach them.
# MIT licence

import json


class Cloud:
    """The broker and the cloud behind it. `answer` is what the cloud says: True, False or None.

    fail: {step: how often it raises from now on}. arguments: what more the client's callback
    gets than topic and message. made: its clients; hellos: what was published, as (topic, dict).
    """

    def __init__(self, answer=None, arguments=()):
        self.answer = answer
        self.arguments = arguments
        self.fail = {}
        self.made = []
        self.hellos = []
        self.raw = b""

    def client(self):
        """The client_factory."""
        self.made.append(Client(self))
        return self.made[-1]

    def reply(self, hello):
        """The answer's payload to a hello."""
        return json.dumps({"attempt": hello["attempt"], "accept": self.answer}).encode()

    @property
    def open(self):
        return len([client for client in self.made if client.state == "connected"])


class Client:
    """A client of umqtt.simple's interface."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.state = "new"
        self.callback = None
        self.topic = None
        self.inbox = []

    def _step(self, name):
        left = self.cloud.fail.get(name, 0)
        if left:
            self.cloud.fail[name] = left - 1
            raise OSError(104)

    def set_callback(self, callback):
        self.callback = callback

    def connect(self):
        assert self.state == "new" and self.callback
        self._step("connect")
        self.state = "connected"

    def subscribe(self, topic):
        assert self.state == "connected"
        self._step("subscribe")
        self.topic = topic

    def publish(self, topic, message):
        assert self.topic, "an answer could come before the subscription"
        self._step("publish")
        hello = json.loads(message)
        self.cloud.raw += message
        self.cloud.hellos.append((topic, hello))
        if self.cloud.answer is not None:
            self.inbox.append(self.cloud.reply(hello))

    def check_msg(self):
        assert self.state == "connected"
        self._step("check_msg")
        if self.inbox:
            self.callback(self.topic, self.inbox.pop(0), *self.cloud.arguments)

    def disconnect(self):
        connected, self.state = self.state == "connected", "closed"
        if connected:
            self._step("disconnect")
