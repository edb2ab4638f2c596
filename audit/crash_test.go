package audit

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// Whatever a power cut leaves is no damage, neither before the next start nor after it.
func TestPowerCutsAreNoDamage(t *testing.T) {
	disk := vfs.NewMem()
	now := time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)
	for life := range 12 {
		x := start(t, disk, now)
		x.n = life << 8
		if life == 0 {
			x.do(&exchange.Register{Name: "trader1"}, &exchange.Register{Name: "trader2"})
			x.do(&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
				Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}})
		}
		for n := range 30 {
			x.do(&exchange.Deposit{Account: 1, Amount: 1000, Reference: fmt.Sprint(n), Key: x.key()},
				&exchange.Deposit{Account: 2, Amount: 1000, Key: x.key()})
			x.do(x.order(1, 2*n), x.order(2, 2*n+2))
		}
		left := disk.CrashKeeping(uint64(life))
		now = x.clock()
		x.close()
		disk = left
		r, err := Verify(dir, Options{FS: disk})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Damage {
			t.Errorf("life %d: %s", life, f.String())
		}
		if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Name == CheckFold && c.Result == Sound }) {
			t.Errorf("life %d: %+v", life, r.Checks)
		}
	}
}

// A crash may lose any sectors of a segment that was not sealed. As soon as a checkpoint was signed over it that is
// damage.
func TestSectorsThatNeverReachedTheDisk(t *testing.T) {
	fsys := fixture(t)
	active := unsealed(t, fsys)
	content := bytes.Clone(get(t, fsys, active))
	clear(content[1024:1536])
	put(t, fsys, active, content)
	r := verify(t, fsys)
	if f := r.one(t, CheckJournal); f.File != active || f.Byte > 1024 {
		t.Errorf("found %v", f.String())
	}
	if err := fsys.Remove(filepath.Join(dir, "journal", checkpointsName)); err != nil {
		t.Fatal(err)
	}
	r = verify(t, fsys)
	if !r.Clean() || len(r.Notes) != 2 || !strings.Contains(r.Notes[0], active) || !strings.Contains(r.Notes[1], "appends them") {
		t.Errorf("%+v\n%q", r.Damage, r.Notes)
	}
}

// A crash may leave two segments that were not sealed, of which the first lacks even its header: nothing says that its events were
// durable, and the log has them.
func TestASegmentWithoutItsHeader(t *testing.T) {
	fsys := fixture(t)
	active := unsealed(t, fsys)
	first, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(active), ".journal"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, fsys, filepath.Join(filepath.Dir(active), fmt.Sprintf("%020d.journal", first+2)), get(t, fsys, active))
	put(t, fsys, active, get(t, fsys, active)[:10])
	if err := fsys.Remove(filepath.Join(dir, "journal", checkpointsName)); err != nil {
		t.Fatal(err)
	}
	for _, s := range files(t, fsys, "snapshots", "") {
		if err := fsys.Remove(s); err != nil {
			t.Fatal(err)
		}
	}
	r := verify(t, fsys)
	if !r.Clean() || len(r.Notes) == 0 || !strings.Contains(r.Notes[0], active) || !strings.Contains(r.Notes[0], "a crash can leave that") {
		t.Errorf("%+v\n%q", r.Damage, r.Notes)
	}
}
