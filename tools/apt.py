# Downloads Debian packages into a folder. Needs no root and changes nothing on the machine.
# MIT licence
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

DEBIAN_SUITES = {
    *("bullseye", "bookworm", "trixie", "forky", "duke", "sid"),
    *("oldstable", "stable", "testing", "unstable"),
}


class AptError(Exception):
    """Debian's packages cannot be had; the message says why and what to do."""


class Source(NamedTuple):
    """One entry of the machine's apt configuration, as far as a mirror is concerned.

    `uris` and `signed_by` are kept as written: the latter is a keyring's path, a
    fingerprint or a whole key block, empty where apt's default keyrings are meant.
    """

    uris: str
    suites: tuple
    components: tuple
    signed_by: str = ""
    trusted: str = ""


def parse_list(text):
    """Read the one-line format (`deb [option=value] URI suite component...`).

    Returns a list of Source, binary packages only.
    """
    found = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].replace("[", " [ ").replace("]", " ] ").split()
        if not words or words[0] != "deb":
            continue
        options = {}
        rest = words[1:]
        if rest[:1] == ["["] and "]" in rest:
            end = rest.index("]")
            options = dict(word.split("=", 1) for word in rest[1:end] if "=" in word)
            rest = rest[end + 1 :]
        if len(rest) < 2:
            continue
        found.append(
            Source(
                rest[0],
                (rest[1],),
                tuple(rest[2:]),
                options.get("signed-by", ""),
                options.get("trusted", ""),
            )
        )
    return found


def _fields(paragraph):
    """The fields of one deb822 paragraph; continuation lines keep their line ends."""
    fields, name = {}, None
    for line in paragraph:
        if line[0] in " \t":
            if name:
                fields[name] += "\n" + line
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def parse_deb822(text):
    """Read the format of .sources files. Returns a list of Source, binary packages only."""
    paragraphs = [[]]
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line.strip():
            paragraphs[-1].append(line)
        else:
            paragraphs.append([])
    found = []
    for paragraph in paragraphs:
        fields = _fields(paragraph)
        off = fields.get("enabled", "yes").lower() in ("no", "false", "0", "off")
        if off or "deb" not in fields.get("types", "").split():
            continue
        found.append(
            Source(
                fields.get("uris", ""),
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                fields.get("signed-by", ""),
                fields.get("trusted", ""),
            )
        )
    return found


def machine_sources(etc="/etc/apt"):
    """All entries of the machine's apt configuration, in apt's own order."""
    etc = Path(etc)
    parts = etc / "sources.list.d"
    files = [etc / "sources.list"]
    files += sorted(p for p in parts.glob("*") if p.suffix in (".list", ".sources"))
    found = []
    for path in files:
        if path.is_file():
            parse = parse_deb822 if path.suffix == ".sources" else parse_list
            found += parse(path.read_text(errors="replace"))
    return found


def debian_mirror(sources):
    """The first entry that is a mirror of Debian itself, or None.

    Security, updates and backports archives do not hold every package, and
    another distribution's archive does not hold Debian's suites.
    """
    for source in sources:
        if source.uris and "main" in source.components and DEBIAN_SUITES & set(source.suites):
            return source
    return None


def source_entry(mirror, suite, kind="deb"):
    """The text of a .sources file for `suite`, from the mirror's address and keyring."""
    text = f"Types: {kind}\nURIs: {mirror.uris}\nSuites: {suite}\nComponents: main\n"
    if mirror.signed_by:
        text += f"Signed-By: {mirror.signed_by}\n"
    if mirror.trusted:
        text += f"Trusted: {mirror.trusted}\n"
    return text


# The hooks are cleared since they would touch the machine; a pin on the
# machine's own suite would forbid the one that is wanted.
_CONFIG = """\
#clear APT::Architectures;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "";
APT::Default-Release "";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "4";
Acquire::http::Timeout "30";
Dir::State "{home}/state";
Dir::State::status "{home}/status";
Dir::Cache "{home}/cache";
Dir::Log "{home}/log";
Dir::Etc::sourcelist "{home}/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""


class PrivateApt:
    """apt with its own state, cache and sources, in a folder that is gone afterwards.

    `with PrivateApt(("trixie",), "i386", parent) as apt: apt.unpack("hello", folder)`
    """

    def __init__(self, suites, arch, parent, kind="deb", etc="/etc/apt"):
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise AptError("this machine has no apt-get and dpkg-deb: it is not a Debian")
        mirror = debian_mirror(machine_sources(etc))
        if mirror is None:
            raise AptError("this machine's apt configuration names no Debian mirror")
        self.suites, self.arch, self.mirror, self.kind = suites, arch, mirror, kind
        self._parent = Path(parent)

    def __enter__(self):
        self._parent.mkdir(parents=True, exist_ok=True)
        self.home = Path(tempfile.mkdtemp(prefix="apt-", dir=self._parent))
        for folder in ("state/lists/partial", "cache/archives/partial", "log"):
            (self.home / folder).mkdir(parents=True)
        (self.home / "status").touch()
        (self.home / "apt.conf").write_text(_CONFIG.format(home=self.home, arch=self.arch))
        return self

    def __exit__(self, *exc):
        shutil.rmtree(self.home, ignore_errors=True)

    def update(self):
        """Fetch the package lists of the first of the suites whose lists are whole.

        A mirror that is being renewed may have one name's lists from before and from after.
        Raises AptError if there is none.
        """
        complaints = []
        for suite in self.suites:
            entry = source_entry(self.mirror, suite, self.kind)
            (self.home / "debian.sources").write_text(entry)
            try:
                return self.get("update")
            except AptError as error:
                complaints.append(str(error))
        raise AptError("\n".join(complaints))

    def get(self, *arguments, cwd=None):
        """Run apt-get. Raises AptError with apt's own words when it fails."""
        command = ["apt-get", "-q", "-c", str(self.home / "apt.conf"), *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=600,
                text=True,
            )
        except subprocess.TimeoutExpired as error:
            raise AptError("apt-get gave no answer within 10 minutes") from error
        complaints = [s for s in done.stdout.splitlines() if s.startswith(("E:", "W:", "Err:"))]
        # A mirror that does not answer is only a warning to `apt-get update`.
        unreached = arguments[0] == "update" and "Failed to fetch" in done.stdout
        if done.returncode or unreached:
            words = "\n  ".join(complaints[-4:]) or done.stdout.strip()[-400:]
            raise AptError(f"apt-get {arguments[0]} failed:\n  {words}")

    def unpack(self, package, target):
        """Download `package` and all that it depends on, and unpack them into `target`."""
        self.update()
        self.get("install", "--download-only", package)
        for deb in sorted((self.home / "cache/archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", str(deb), str(target)], check=True)
