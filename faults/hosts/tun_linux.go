package hosts

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// mtu is in bytes, that of a network with jumbo frames.
const mtu = 9000

// Addr is the address of a host. Host 0 is the test process.
func Addr(host int) netip.Addr { return netip.AddrFrom4([4]byte{10, 231, 0, byte(host) + 1}) }

// hostAt is the opposite of Addr, for the four bytes of an address in a packet.
func hostAt(addr []byte) int { return int(addr[3]) - 1 }

// namespace makes a network namespace and returns the other end of its one device. The namespace can be entered by the
// file path until that is unmounted.
func namespace(host int, path string) (tun *os.File, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		tun, err = enterNew(host, path)
	}()
	<-done
	if err != nil {
		return nil, fmt.Errorf("make host %d: %w", host, err)
	}
	return tun, nil
}

func enterNew(host int, path string) (*os.File, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", err)
	}
	if err := loopback(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return nil, err
	}
	if err := unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, ""); err != nil {
		return nil, fmt.Errorf("keep the network namespace at %s: %w", filepath.Base(path), err)
	}
	return openTun(host)
}

// openTun makes the device of a host in the network namespace of the calling thread.
func openTun(host int) (*os.File, error) {
	const name = "wire"
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	setup := func() error {
		r, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		r.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, r); err != nil {
			return fmt.Errorf("make device %s: %w", name, err)
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		addr, mask := Addr(host).As4(), [4]byte{255, 255, 255, 0}
		return configure(name, addr, mask, mtu)
	}
	if err := setup(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), fmt.Sprintf("wire of host %d", host)), nil
}

func loopback() error { return configure("lo", [4]byte{127, 0, 0, 1}, [4]byte{255, 0, 0, 0}, 0) }

// configure gives a device its address and brings it up.
func configure(name string, addr, mask [4]byte, mtu uint32) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("configure device %s: %w", name, err)
	}
	defer unix.Close(fd)
	set := func(what string, request uint, fill func(*unix.Ifreq) error) {
		if err != nil {
			return
		}
		var r *unix.Ifreq
		if r, err = unix.NewIfreq(name); err != nil {
			return
		}
		if err = fill(r); err != nil {
			return
		}
		if e := unix.IoctlIfreq(fd, request, r); e != nil {
			err = fmt.Errorf("set the %s of device %s: %w", what, name, e)
		}
	}
	set("address", unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(addr[:]) })
	set("netmask", unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr(mask[:]) })
	if mtu > 0 {
		set("MTU", unix.SIOCSIFMTU, func(r *unix.Ifreq) error { r.SetUint32(mtu); return nil })
	}
	set("state", unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP); return nil })
	return err
}
