"""What is in an image: the program, what it needs, and the papers of both; nothing else.

EDW_IMAGE_TAG names the images to look at: latest, source, or an architecture, which may be another one than this machine's.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import ssl
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import containers

MB = 1_000_000
PROGRAMS = ("consumer", "producer")
TAG = os.environ.get("EDW_IMAGE_TAG", "latest")
MACHINES = {"x86_64": ("amd64", 62), "aarch64": ("arm64", 183)}  # what Docker calls it, and ELF's e_machine
ARCH, MACHINE = MACHINES["aarch64" if TAG == "arm64" else "x86_64" if TAG == "amd64" else platform.machine()]
NATIVE = ARCH == MACHINES[platform.machine()][0]
ALLOWED = [re.compile(pattern) for pattern in (
    r"bin/(consumer|producer)", r"lib/[A-Za-z0-9_+.-]+\.so(\.[0-9.]+)?", r"lib64/ld-linux-x86-64\.so\.2",
    r"lib/ld-linux-aarch64\.so\.1", r"lib/ld\.so",
    r"etc/(passwd|group|nsswitch\.conf|os-release)", r"etc/ssl/certs/ca-certificates\.crt",
    r"usr/share/doc/[a-z0-9+.-]+/copyright", r"usr/share/common-licenses/[A-Za-z0-9.-]+", r"usr/share/sbom/(consumer|producer)\.spdx\.json",
    r"var/lib/dpkg/status\.d/[a-z0-9+.-]+")]
SECRETS = re.compile(rb"BEGIN [A-Z ]*PRIVATE KEY|AccountKey=\w|AWS_SECRET_ACCESS_KEY=|_authToken|Proxy-Authorization: \w|://[^/\s:]+:[^/\s@]+@[a-z]")


def image(program):
    return f"edw/{program}:{TAG}"


class Mounted(containers.Case):
    """The file systems of both images."""

    @classmethod
    def setUpClass(cls):
        cls.roots = {program: Path(containers.podman("image", "mount", image(program)).strip()) for program in PROGRAMS}

    @classmethod
    def tearDownClass(cls):
        for program in PROGRAMS:
            containers.podman("image", "unmount", image(program))

    def said(self, program, root, command, *arguments):
        """The words of a command of the image, in a container, or by emulation where it is another machine's."""
        if NATIVE:
            return containers.podman("run", "--rm", "--pull=never", "--network=none", *containers.CONFINED, f"--entrypoint={command}",
                                     image(program), *arguments)
        return subprocess.run([*self.emulator(root), str(root) + command, *arguments], check=True, capture_output=True, text=True,
                              cwd=root).stdout

    def emulator(self, root):
        """Nothing on a machine of the image's own kind."""
        if NATIVE:
            return []
        program = shutil.which("qemu-aarch64-static")
        self.assertIsNotNone(program, "qemu-aarch64-static is missing: apt-get install --no-install-recommends qemu-user-static")
        return [program, "-L", str(root)]

    def each(self):
        return self.roots.items()

    def files(self, root):
        return [path for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir()]

    def libraries(self, root):
        return {path.relative_to(root).as_posix() for folder in ("lib", "lib64") for path in (root / folder).glob("*") if not path.is_symlink()}


class Image(Mounted):
    def test_is_small(self):
        for program, _ in self.each():
            self.assertLessEqual(containers.inspected(image(program))["Size"], 40 * MB)

    def test_holds_the_expected_files_alone(self):
        for program, root in self.each():
            for path in self.files(root):
                name = path.relative_to(root).as_posix()
                self.assertTrue(any(pattern.fullmatch(name) for pattern in ALLOWED), f"{name} should not be in the image")
                self.assertEqual(path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID), 0, name)
            self.assertEqual([path.name for path in (root / "bin").iterdir()], [program])  # so neither a shell nor a tool

    def test_lets_its_user_write_only_where_volumes_go(self):
        for _, root in self.each():
            writable = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_symlink() and
                        (path.stat().st_uid == 65532 or path.stat().st_mode & stat.S_IWOTH)}
            self.assertEqual(writable, {"data", "tmp"})

    def test_holds_no_secret(self):
        for program, root in self.each():
            for path in self.files(root):
                if path.is_symlink() or path.relative_to(root).parts[0] in ("lib", "lib64"):
                    continue  # Debian's own bytes: libraries that handle keys hold such words
                self.assertNotRegex(path.read_bytes(), SECRETS, str(path))
            config = containers.inspected(image(program))["Config"]
            self.assertEqual(sorted(variable.split("=")[0] for variable in config["Env"]), ["HOME", "PATH"])
            history = containers.podman("image", "history", "--no-trunc", image(program))
            self.assertNotRegex(history.encode(), SECRETS)

    def test_needs_no_library_that_is_not_there(self):
        for program, root in self.each():
            # libcurl is loaded where a proxy is to be used.
            listed = "".join(self.said(program, root, "/lib/ld.so", "--list", name) for name in (f"/bin/{program}", "/lib/libcurl.so.4"))
            self.assertNotIn("not found", listed)
            # An emulator opens the loader where it lies on this machine.
            used = {line.split(" => ")[1].split()[0].removeprefix(str(root)).lstrip("/") for line in listed.splitlines() if " => " in line}
            self.assertEqual((used | {"lib/libcurl.so.4"}) - {"lib/ld.so"}, {name for name in self.libraries(root) if "ld-linux" not in name})

    def test_works_by_its_own_loader_and_libraries_alone(self):
        """On a file, so that it needs no network; by emulation where it is another machine's."""
        with tempfile.TemporaryDirectory() as folder:
            def run(program, *arguments):
                root = self.roots[program]
                done = subprocess.run([*self.emulator(root), f"{root}/lib/ld.so", "--library-path", f"{root}/lib", f"{root}/bin/{program}",
                                       *arguments, "--output", "json"], cwd=folder, env={"HOME": folder}, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                return json.loads(done.stdout)
            run("producer", "--count", "100", "--run", "a", "--manifest", "none")
            run("consumer", "--drain")
            audit = run("producer", "audit", "--run", "a", "--count", "100")
            self.assertEqual((audit["found"], audit["missing"], audit["corrupt"]), (100, 0, 0), audit)

    def test_goes_through_a_proxy(self):
        """Where none answers: what is shown is that the library for it is there, with all that it needs."""
        root = self.roots["producer"]
        done = subprocess.run([*self.emulator(root), f"{root}/lib/ld.so", "--library-path", f"{root}/lib", f"{root}/bin/producer", "doctor",
                               "--queue", "azure:messages"], capture_output=True, text=True,
                              env={"http_proxy": "http://127.0.0.1:1", "AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true"})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"no connection to \S+ through the proxy of http_proxy \(Failed to connect to 127\.0\.0\.1 port 1")

    def test_is_for_one_architecture(self):
        for program, root in self.each():
            self.assertEqual(containers.inspected(image(program))["Architecture"], ARCH)
            for name in self.libraries(root) | {f"bin/{program}"}:
                head = (root / name).read_bytes()[:20]
                self.assertEqual((head[:4], int.from_bytes(head[18:20], "little")), (b"\x7fELF", MACHINE), name)

    def test_names_itself(self):
        for program, root in self.each():
            found = containers.inspected(image(program))
            labels = {name.removeprefix("org.opencontainers.image."): value for name, value in found["Labels"].items()}
            self.assertEqual((labels["title"], labels["licenses"]), (program, "Apache-2.0"))
            self.assertRegex(labels["revision"], r"^[0-9a-f]{40}$")
            self.assertRegex(labels["created"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertTrue(labels["description"])
            self.assertEqual(f"{program} {labels['version']}\n", self.said(program, root, f"/bin/{program}", "--version"))
            self.assertEqual((found["Config"]["User"], found["Config"]["Entrypoint"]), ("65532:65532", [f"/bin/{program}"]))
            self.assertNotIn("Healthcheck", {name for name, value in found.items() if value})

    def test_trusts_what_debian_trusts(self):
        for _, root in self.each():
            context = ssl.create_default_context(cafile=root / "etc/ssl/certs/ca-certificates.crt")
            self.assertGreater(context.cert_store_stats()["x509_ca"], 100)

    def test_has_no_shell(self):
        for shell in ("sh", "/bin/sh", "bash", "/bin/busybox"):
            with self.subTest(shell):
                done = subprocess.run([containers.PODMAN, "run", "--rm", "--pull=never", f"--entrypoint={shell}", image("consumer"), "-c", "true"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True)
                self.assertEqual(done.returncode, 127, done.stderr)


class Sources(unittest.TestCase):
    def test_of_the_image_are_all_that_its_build_asks_for(self):
        """As far as cmake configures: compiling them takes many minutes, and `-C container-source` does."""
        root = containers.HERE.parents[1]
        taken = [line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")]
        with tempfile.TemporaryDirectory() as folder:
            for name in taken:
                subprocess.run(["cp", "-r", "--parents", name, folder], cwd=root, check=True)
            done = subprocess.run(["cmake", "--preset", "release"], cwd=folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])


class Papers(Mounted):
    def bill(self, program, root):
        return json.loads((root / f"usr/share/sbom/{program}.spdx.json").read_text())

    def test_list_every_file_that_runs(self):
        for program, root in self.each():
            bill = self.bill(program, root)
            self.assertEqual((bill["spdxVersion"], bill["dataLicense"]), ("SPDX-2.3", "CC0-1.0"))
            listed = {entry["fileName"].removeprefix("./"): entry for entry in bill["files"]}
            for name in self.libraries(root) | {f"bin/{program}"}:
                sums = {each["algorithm"]: each["checksumValue"] for each in listed[name]["checksums"]}
                self.assertEqual(sums["SHA256"], hashlib.sha256((root / name).read_bytes()).hexdigest(), name)

    def test_hang_together(self):
        for program, root in self.each():
            bill = self.bill(program, root)
            ids = [bill["SPDXID"], *(entry["SPDXID"] for entry in bill["packages"] + bill["files"])]
            self.assertEqual(len(ids), len(set(ids)))
            for identifier in ids:
                self.assertRegex(identifier, r"^SPDXRef-[A-Za-z0-9.-]+$")
            owned = set()
            for relation in bill["relationships"]:
                self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, set(ids))
                if relation["relationshipType"] == "GENERATED_FROM":
                    owned.add(relation["spdxElementId"])
            self.assertEqual(owned, {entry["SPDXID"] for entry in bill["files"]})

    def test_name_each_package_with_its_licence(self):
        for program, root in self.each():
            names = {entry["name"] for entry in self.bill(program, root)["packages"]}
            self.assertLessEqual({program, "libc6", "libcurl4", "libssl3", "libsqlite3-0", "libboost1.81-dev", "nlohmann-json3-dev"}, names)
            for entry in self.bill(program, root)["packages"]:
                self.assertTrue(entry["versionInfo"])
                licence = root / f"usr/share/doc/{entry['name']}/copyright"
                self.assertGreater(licence.stat().st_size, 100, entry["name"])
                for common in re.findall(r"/usr/share/common-licenses/((?:L?GPL|Apache|GFDL|MPL)-[0-9.]*[0-9])", licence.read_text(errors="replace")):
                    self.assertTrue((root / "usr/share/common-licenses" / common).exists(), f"{entry['name']} refers to {common}")

    def test_tell_scanners_of_the_packages(self):
        for program, root in self.each():
            for path in (root / "var/lib/dpkg/status.d").iterdir():
                fields = dict(line.split(": ", 1) for line in path.read_text().splitlines() if re.match(r"[A-Z][A-Za-z-]*: ", line))
                self.assertEqual(fields["Package"], path.name)
                self.assertTrue(fields["Version"])
            self.assertIn("ID=debian", (root / "etc/os-release").read_text())


if __name__ == "__main__":
    containers.main()
