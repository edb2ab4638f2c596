package hosts

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Path is what happens to packets in one direction between two hosts. The zero Path delivers them at once.
type Path struct {
	Cut       bool          // none arrives, and nobody is told
	Delay     time.Duration // of each packet
	Jitter    time.Duration // up to this much more, at random
	Loss      float64       // share of packets, 0 to 1
	Duplicate float64       // share
	Reorder   float64       // share that overtakes what is delayed
}

// Wire is a network of hosts. Its methods may be called concurrently.
type Wire struct {
	dir  string
	tuns []*os.File
	late *late
	wait sync.WaitGroup

	mu     sync.Mutex
	random *rand.Rand
	paths  [][]Path // from, to
	counts Counts
}

// Counts says what happened to packets.
type Counts struct {
	Delivered  uint64 `json:"delivered"`
	Cut        uint64 `json:"cut"`
	Lost       uint64 `json:"lost"`
	Duplicated uint64 `json:"duplicated"`
	Delayed    uint64 `json:"delayed"`
	Reordered  uint64 `json:"reordered"`
}

// NewWire makes hosts 1 to n and the network that they and the test process, host 0, are on. The seed decides which
// packets are lost. Files of the wire are in dir, which the caller removes after Close.
func NewWire(dir string, n int, seed uint64) (*Wire, error) {
	w := &Wire{dir: dir, late: newLate(), random: rand.New(rand.NewPCG(seed, 0))}
	for host := range n + 1 {
		var tun *os.File
		var err error
		if host == 0 {
			tun, err = openTun(0)
		} else {
			tun, err = namespace(host, w.namespace(host))
		}
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
		w.tuns = append(w.tuns, tun)
		w.paths = append(w.paths, make([]Path, n+1))
	}
	for from := range w.tuns {
		w.wait.Go(func() { w.carry(from) })
	}
	w.wait.Go(func() { w.late.deliver() })
	return w, nil
}

func (w *Wire) namespace(host int) string { return filepath.Join(w.dir, "network-"+strconv.Itoa(host)) }

// Wrap returns a command line that runs another one on a host, in the same process.
func (w *Wire) Wrap(host int, argv []string) []string {
	return append([]string{"nsenter", "--net=" + w.namespace(host), "--"}, argv...)
}

// Command prepares a command that runs on a host.
func (w *Wire) Command(host int, name string, args ...string) *exec.Cmd {
	argv := w.Wrap(host, append([]string{name}, args...))
	return exec.Command(argv[0], argv[1:]...) // #nosec G204 -- tests say what they run
}

// Close takes the network away. Processes on the hosts go on without it.
func (w *Wire) Close() error {
	var errs []error
	w.late.close()
	for host, tun := range w.tuns {
		errs = append(errs, tun.Close())
		if host > 0 {
			if err := unix.Unmount(w.namespace(host), unix.MNT_DETACH); err != nil {
				errs = append(errs, fmt.Errorf("let go of host %d: %w", host, err))
			}
		}
	}
	w.wait.Wait()
	return errors.Join(errs...)
}

// Set changes what happens to packets from one host to another. Packets that are on their way arrive as before.
func (w *Wire) Set(from, to int, p Path) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paths[from][to] = p
}

// Heal makes all paths good again.
func (w *Wire) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, to := range w.paths {
		clear(to)
	}
}

// Counts returns what happened to packets until now.
func (w *Wire) Counts() Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

// carry reads the packets that a host sends.
func (w *Wire) carry(from int) {
	packet := make([]byte, mtu)
	for {
		n, err := w.tuns[from].Read(packet)
		if err != nil {
			return // closed
		}
		const ipv4Header = 20
		if n < ipv4Header || packet[0]>>4 != 4 {
			continue // IPv6 looks for neighbours that are not there
		}
		to := hostAt(packet[16:20])
		if to < 0 || to >= len(w.tuns) {
			continue
		}
		copies, after := w.fate(from, to)
		for range copies {
			if after == 0 {
				w.deliver(to, packet[:n])
			} else {
				w.late.add(time.Now().Add(after), append([]byte(nil), packet[:n]...), func(p []byte) { w.deliver(to, p) })
			}
		}
	}
}

// deliver hands a packet to a host. What the host has no room for is lost, as on any network.
func (w *Wire) deliver(to int, packet []byte) { _, _ = w.tuns[to].Write(packet) }

// fate decides how often a packet arrives, and when.
func (w *Wire) fate(from, to int) (copies int, after time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.paths[from][to]
	hit := func(share float64) bool { return share > 0 && w.random.Float64() < share }
	switch {
	case p.Cut:
		w.counts.Cut++
		return 0, 0
	case hit(p.Loss):
		w.counts.Lost++
		return 0, 0
	}
	w.counts.Delivered++
	copies = 1
	if hit(p.Duplicate) {
		w.counts.Duplicated++
		copies = 2
	}
	if p.Delay+p.Jitter == 0 {
		return copies, 0
	}
	if hit(p.Reorder) {
		w.counts.Reordered++
		return copies, 0
	}
	w.counts.Delayed++
	after = p.Delay
	if p.Jitter > 0 {
		after += time.Duration(w.random.Int64N(int64(p.Jitter)))
	}
	return copies, max(after, 1)
}
