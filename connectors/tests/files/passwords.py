"""A server that takes a password: OpenSSH would ask for users of the machine's own."""

import socket
import threading
from contextlib import contextmanager

import paramiko

from connectors.files.keys import fingerprint


class Files(paramiko.SFTPServerInterface):
    """One empty folder."""

    def stat(self, path):
        """Return the folder."""
        found = paramiko.SFTPAttributes()
        found.st_mode = 0o40755
        return found

    def list_folder(self, path):
        """Return nothing."""
        return []


class Doorman(paramiko.ServerInterface):
    """Lets one user in."""

    def __init__(self, user, password):
        self.known = (user, password)

    def check_auth_password(self, username, password):
        """Compare."""
        is_known = (username, password) == self.known
        return paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        """Allow a channel."""
        return paramiko.OPEN_SUCCEEDED


@contextmanager
def password_server(*, user, password):
    """Run a server in threads of this process; give its port and its fingerprint."""
    key = paramiko.ECDSAKey.generate()
    transports = []

    def serve(door):
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            transport = paramiko.Transport(near)
            transports.append(transport)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
            transport.start_server(server=Doorman(user, password), event=threading.Event())

    door = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(door,), daemon=True)
    thread.start()
    try:
        yield door.getsockname()[1], fingerprint(key.asbytes())
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        for transport in transports:
            transport.close()
        thread.join()
