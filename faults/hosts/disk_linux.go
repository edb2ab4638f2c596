package hosts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Disk is a file system of its own, ext4 on a loop device.
type Disk struct {
	dir, image, filler string
}

// NewDisk makes a disk of a size in bytes and mounts it, empty, on dir, which must exist. The image is a sparse file beside it.
func NewDisk(dir string, size int64) (*Disk, error) {
	d := &Disk{dir: dir, image: dir + ".img", filler: dir + "/filler"}
	file, err := os.OpenFile(d.image, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a disk: %w", err)
	}
	if err = file.Truncate(size); err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("make a disk: %w", err)
	}
	if err := run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", d.image); err != nil {
		return nil, err
	}
	if err := d.Mount(); err != nil {
		return nil, err
	}
	if err := os.Remove(dir + "/lost+found"); err != nil {
		return nil, fmt.Errorf("make a disk: %w", err)
	}
	return d, nil
}

func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil { // #nosec G204 -- called with constants and own paths
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}

// Dir is where the disk is mounted.
func (d *Disk) Dir() string { return d.dir }

// Mount mounts the disk, and so mends what a power cut left.
func (d *Disk) Mount() error { return run("mount", "-o", "loop", d.image, d.dir) }

// Unmount takes the disk away. Nobody may have a file open on it.
func (d *Disk) Unmount() error { return run("umount", d.dir) }

// Remove unmounts the disk and throws it away.
func (d *Disk) Remove() error {
	if err := d.Unmount(); err != nil {
		return err
	}
	return os.Remove(d.image)
}

// Clear removes all files.
func (d *Disk) Clear() error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return fmt.Errorf("clear the disk: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(d.dir, e.Name())); err != nil {
			return fmt.Errorf("clear the disk: %w", err)
		}
	}
	return nil
}

// Freeze makes every write and sync wait until Thaw. A process that waits cannot be killed until then.
func (d *Disk) Freeze() error { return d.control("freeze", fiFreeze, 0) }

// Thaw ends Freeze.
func (d *Disk) Thaw() error { return d.control("thaw", fiThaw, 0) }

// CutPower loses everything that was not synced. The disk answers all calls with errors until it is unmounted and mounted
// again.
func (d *Disk) CutPower() error {
	return d.control("cut the power of", ext4Shutdown, shutdownWithoutFlush)
}

// Fill leaves no room.
func (d *Disk) Fill() error {
	file, err := os.Create(d.filler)
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer file.Close()
	var end int64
	for piece := int64(64 << 20); piece >= 4096; {
		err := unix.Fallocate(int(file.Fd()), 0, end, piece)
		switch err {
		case nil:
			end += piece
		case unix.ENOSPC:
			piece /= 2
		case unix.EINTR:
		default:
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	return nil
}

// Empty makes the room again that Fill took.
func (d *Disk) Empty() error {
	if err := os.Remove(d.filler); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("make room on the disk: %w", err)
	}
	return nil
}

// From linux/fs.h and fs/ext4/ext4.h.
const (
	fiFreeze             = 0xc0045877 // _IOWR('X', 119, int)
	fiThaw               = 0xc0045878 // _IOWR('X', 120, int)
	ext4Shutdown         = 0x8004587d // _IOR('X', 125, __u32)
	shutdownWithoutFlush = 2
)

func (d *Disk) control(what string, request uint, argument int) error {
	dir, err := os.Open(d.dir)
	if err != nil {
		return fmt.Errorf("%s the disk: %w", what, err)
	}
	defer dir.Close()
	if err := unix.IoctlSetPointerInt(int(dir.Fd()), request, argument); err != nil {
		return fmt.Errorf("%s the disk: %w", what, err)
	}
	return nil
}
