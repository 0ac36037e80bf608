"""What a loss of power leaves: only what was synced, and only names of a folder that was."""

import os
import shutil
import stat
from pathlib import Path


class Disk:
    """Knows which contents and which names of a folder tree are safe on the disk.

    A file's content is safe as it was at its last fsync, a name as its folder was at the folder's
    own. That is the least that POSIX promises; a real disk may have kept more.
    """

    def __init__(self, root):
        """Watch from now on; what is there already is safe."""
        self.root = Path(root)
        self.contents = {}
        self.names = {}
        self.kept_open = []
        self._take(self.root)
        sync = os.fsync

        def fsync(descriptor):
            sync(descriptor)
            self._note(descriptor)

        os.fsync = fsync

    def cut(self, *, keep_names):
        """Lose the contents that are not safe, and the names too unless they are to be kept."""
        left = self._collect(self.root, keep_names)
        for path in self.root.iterdir():
            shutil.rmtree(path)
        for path, content in left.items():
            if content is None:
                path.mkdir()
            else:
                path.write_bytes(content)

    def _take(self, folder):
        self.names[folder.stat().st_ino] = names = {}
        for path in folder.iterdir():
            names[path.name] = (path.stat().st_ino, path.is_dir())
            if path.is_dir():
                self._take(path)
            else:
                self.contents[path.stat().st_ino] = path.read_bytes()

    def _note(self, descriptor):
        # A second descriptor keeps the number from being given to another file.
        self.kept_open.append(os.dup(descriptor))
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self.names[status.st_ino] = self._list(Path(f"/proc/self/fd/{descriptor}"))
        else:
            self.contents[status.st_ino] = Path(f"/proc/self/fd/{descriptor}").read_bytes()

    def _list(self, folder):
        return {path.name: (path.stat().st_ino, path.is_dir()) for path in folder.iterdir()}

    def _collect(self, folder, keep_names, inode=None):
        """Map each path that is left, folders before what is in them, to its content."""
        names = self._list(folder) if keep_names else self.names.get(inode or _inode(folder), {})
        left = {}
        for name, (number, is_folder) in names.items():
            path = folder / name
            left[path] = None if is_folder else self.contents.get(number, b"")
            if is_folder:
                left |= self._collect(path, keep_names, number)
        return left


def _inode(path):
    return path.stat().st_ino
