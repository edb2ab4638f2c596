package hosts_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hustings/hustings/faults/hosts"
)

func newDisk(t *testing.T) *hosts.Disk {
	t.Helper()
	hosts.Need(t)
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := hosts.NewDisk(dir, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestFrozenDisk(t *testing.T) {
	d := newDisk(t)
	if err := d.Freeze(); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(filepath.Join(d.Dir(), "x"), []byte("x"), 0o600) }()
	select {
	case err := <-written:
		t.Errorf("a write to a frozen disk ended: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := d.Thaw(); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestFullDisk(t *testing.T) {
	d := newDisk(t)
	if err := d.Fill(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(d.Dir(), "x")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a write to a full disk: %v", err)
	}
	if err := d.Empty(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o600); err != nil {
		t.Error(err)
	}
}

func TestPowerCut(t *testing.T) {
	d := newDisk(t)
	write := func(name string, sync bool) {
		file, err := os.Create(filepath.Join(d.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(name); err != nil {
			t.Fatal(err)
		}
		if !sync {
			return
		}
		if err := file.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	write("synced", true)
	write("unsynced", false)
	if err := d.CutPower(); err != nil {
		t.Fatal(err)
	}
	if err := d.Unmount(); err != nil {
		t.Fatal(err)
	}
	if err := d.Mount(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(d.Dir(), "synced")); err != nil || string(got) != "synced" {
		t.Errorf("what was synced is %q, %v", got, err)
	}
	if got, _ := os.ReadFile(filepath.Join(d.Dir(), "unsynced")); len(got) > 0 {
		t.Error("what was not synced is there: the power cut loses nothing")
	}
}
