"""The real AWS CLI, imported once: each call is a fork of this process, since importing it costs more than a call does."""

import os
import select
import signal
import socket
import sys
import tempfile
import traceback

import awscli.clidriver
import awscli.customizations.eks  # noqa: F401  (loaded on demand otherwise, at every call)


def words(reader):
    """Words that end with NUL; the first one says how many follow."""

    def word():
        text = bytearray()
        while (byte := reader.read(1)) not in (b"\0", b""):
            text += byte
        return text.decode()

    return [word() for _ in range(int(word()))]


def run(connection):
    """A call: the folder, the number of variables, the variables, the arguments. The answer: code, stdout, stderr."""
    stream = connection.makefile("rwb")
    folder, count, *rest = words(stream)
    models = os.environ["AWS_DATA_PATH"]  # set by awscli as it is imported
    os.environ.clear()
    os.environ.update({"AWS_DATA_PATH": models}, **dict(pair.split("=", 1) for pair in rest[:int(count)]))
    os.chdir(folder)
    said = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
    for number, file in enumerate(said, 1):
        os.dup2(file.fileno(), number)
    sys.argv = ["aws", *rest[int(count):]]
    try:
        code = awscli.clidriver.main()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = (file.seek(0) or file.read() for file in said)
    stream.write(str(code or 0).encode() + b"\0" + out + b"\0" + err + b"\0")
    stream.flush()


def main():
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        print(server.getsockname()[1], flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            ready = select.select([server, sys.stdin], [], [])[0]
            if sys.stdin in ready:
                return  # whoever started this one has ended
            connection = server.accept()[0]
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                try:
                    run(connection)
                except BaseException:
                    connection.sendall(b"70\0\0the server of aws broke\n" + traceback.format_exc().encode() + b"\0")
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main()
