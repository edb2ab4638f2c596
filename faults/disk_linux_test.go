package faults

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestFullDisk fills the disk under load. Acknowledgements end, the exchange stops and says why, and once there is room
// again everything acknowledged is there.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=300m"); errors.Is(err, unix.EPERM) {
		t.Skipf("only root can mount a small disk, and fill it: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	dir, filler := filepath.Join(disk, "data"), filepath.Join(disk, "filler")
	p := start(t, dir)
	c := newCrowd(t, p, 8)
	full := make(chan error, 1)
	time.AfterFunc(300*time.Millisecond, func() { full <- fill(filler) })
	c.trade(t, p)
	if err := <-full; !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk did not become full: %v", err)
	}
	c.wantStopped(t, p, "no space left on device")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	c.wantEverything(t, dir)
}

// fill writes to a file until an error keeps it from it.
func fill(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	for block := make([]byte, 1<<16); err == nil; {
		_, err = file.Write(block)
	}
	return err
}

// TestFailingSync lets the syncs of the running exchange fail, as a dying disk does.
func TestFailingSync(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("strace lets system calls of a running program fail, and is not installed: %v", err)
	}
	if out, err := exec.Command(strace, "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v %s", err, out)
	}
	dir, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	p := start(t, dir)
	c := newCrowd(t, p, 8)
	p.stop(t)

	// Each thread's calls are counted for themselves.
	p = start(t, dir, strace, "-f", "-o", trace, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=30+")
	c.trade(t, p)
	c.wantStopped(t, p, "input/output error")
	content, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "(INJECTED)") {
		t.Fatal("no sync failed")
	}
	c.wantEverything(t, dir)
}

// wantStopped waits for the end of an exchange whose disk failed, and for its reason.
func (c crowd) wantStopped(t *testing.T, p *process, reason string) {
	t.Helper()
	p.waitEnd(t)
	if said := p.said(); p.err == nil || !strings.Contains(said, reason) {
		t.Errorf("the exchange ended with %v and does not say %q:\n%s", p.err, reason, said)
	}
	for _, tr := range c {
		if tr.acked == 0 {
			t.Errorf("%s was never answered", tr.name)
		}
	}
}

// wantEverything starts an exchange again and checks that everything acknowledged is there.
func (c crowd) wantEverything(t *testing.T, dir string) {
	t.Helper()
	p := start(t, dir)
	c.retry(t, p, make([]int, len(c)))
	p.stop(t)
	verify(t, dir)
	c.examine(t, dir)
}
