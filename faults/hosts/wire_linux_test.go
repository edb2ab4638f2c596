package hosts_test

import (
	"net"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hustings/hustings/faults/hosts"
)

func newWire(t *testing.T, n int) *hosts.Wire {
	t.Helper()
	hosts.Need(t)
	w, err := hosts.NewWire(t.TempDir(), n, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// on runs something on a host. Sockets that it makes belong to that host.
func on(t *testing.T, w *hosts.Wire, host int, f func() error) {
	t.Helper()
	done := make(chan error)
	go func() {
		if host > 0 {
			runtime.LockOSThread()
			fd, err := unix.Open(w.Wrap(host, nil)[1][len("--net="):], unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err == nil {
				err = unix.Setns(fd, unix.CLONE_NEWNET)
				unix.Close(fd)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- f()
	}()
	if err := <-done; err != nil {
		t.Fatalf("on host %d: %v", host, err)
	}
}

// socket is a UDP socket on a host.
func socket(t *testing.T, w *hosts.Wire, host int) net.PacketConn {
	t.Helper()
	var c net.PacketConn
	on(t, w, host, func() (err error) {
		c, err = net.ListenPacket("udp4", net.JoinHostPort(hosts.Addr(host).String(), "7000"))
		return err
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// sent sends n packets from one socket to another and returns the numbers of those that arrived, in order. It waits
// until there are most of them, or no more come.
func sent(t *testing.T, from, to net.PacketConn, n, most int) []byte {
	t.Helper()
	for i := range n {
		if _, err := from.WriteTo([]byte{byte(i)}, to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	for b := make([]byte, 10); len(got) < most; {
		if err := to.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := to.ReadFrom(b); err != nil {
			break
		}
		got = append(got, b[0])
	}
	return got
}

func TestHostsReachEachOther(t *testing.T) {
	w := newWire(t, 3)
	sockets := []net.PacketConn{socket(t, w, 0), socket(t, w, 1), socket(t, w, 2), socket(t, w, 3)}
	for i, a := range sockets {
		for j, b := range sockets {
			if i != j && len(sent(t, a, b, 1, 1)) != 1 {
				t.Errorf("host %d does not reach host %d", i, j)
			}
		}
	}
}

func TestPartitions(t *testing.T) {
	w := newWire(t, 2)
	client, a, b := socket(t, w, 0), socket(t, w, 1), socket(t, w, 2)
	reach := func(want string) {
		t.Helper()
		got := ""
		for _, c := range []struct {
			name     string
			from, to net.PacketConn
		}{{"client-a ", client, a}, {"a-client ", a, client}, {"a-b ", a, b}, {"b-a ", b, a}} {
			if len(sent(t, c.from, c.to, 2, 2)) == 2 {
				got += c.name
			}
		}
		if got != want {
			t.Errorf("reached %q, want %q", got, want)
		}
	}
	w.Set(1, 2, hosts.Path{Cut: true})
	reach("client-a a-client b-a ")
	w.Set(2, 1, hosts.Path{Cut: true})
	reach("client-a a-client ")
	w.Heal()
	reach("client-a a-client a-b b-a ")
	if n := w.Counts().Cut; n != 6 {
		t.Errorf("%d packets cut", n)
	}
}

func TestBadNetwork(t *testing.T) {
	w := newWire(t, 1)
	client, a := socket(t, w, 0), socket(t, w, 1)
	w.Set(0, 1, hosts.Path{Loss: 0.5})
	if n := len(sent(t, client, a, 200, 200)); n < 50 || n > 150 {
		t.Errorf("of 200 packets half should be lost: %d arrived", n)
	}
	w.Set(0, 1, hosts.Path{Duplicate: 1})
	if n := len(sent(t, client, a, 50, 101)); n != 100 {
		t.Errorf("50 packets were to come twice: %d arrived", n)
	}
	w.Set(0, 1, hosts.Path{Delay: 50 * time.Millisecond})
	before := time.Now()
	got := sent(t, client, a, 50, 50)
	if took := time.Since(before); took < 50*time.Millisecond {
		t.Errorf("delayed packets arrived after %v", took)
	}
	if len(got) != 50 || !ordered(got) {
		t.Errorf("delayed packets arrived as %v", got)
	}
	w.Set(0, 1, hosts.Path{Delay: 20 * time.Millisecond, Reorder: 0.5})
	if got := sent(t, client, a, 50, 50); len(got) != 50 || ordered(got) {
		t.Errorf("packets that overtake arrived as %v", got)
	}
}

func ordered(b []byte) bool {
	for i := range b {
		if int(b[i]) != i {
			return false
		}
	}
	return true
}

func TestCommandOnAHost(t *testing.T) {
	w := newWire(t, 1)
	out, err := w.Command(1, "cat", "/proc/net/fib_trie").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if here, err := exec.Command("cat", "/proc/net/fib_trie").Output(); err != nil || string(here) == string(out) {
		t.Errorf("the command ran in our own network: %v", err)
	}
}
