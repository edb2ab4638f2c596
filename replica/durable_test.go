package replica

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// TestNothingIsAnsweredBeforeItIsDurable holds up the syncs of the log. Nobody gets an answer until they are done, and then
// everybody gets their own, though many share a log entry.
func TestNothingIsAnsweredBeforeItIsDurable(t *testing.T) {
	const traders = 40
	var holding atomic.Bool
	held := make(chan struct{})
	rule := &vfs.Rule{On: vfs.OpSync, Path: "*.wal", Before: func() {
		if holding.Load() {
			<-held
		}
	}}
	r := open(t, testConfig(vfs.NewFaulty(vfs.NewMem(), rule)))
	defer shut(t, r)
	found(t, r, traders)

	holding.Store(true)
	var answered atomic.Int32
	var wait sync.WaitGroup
	for i := range exchange.AccountID(traders) {
		wait.Go(func() {
			reply := submit(t, r, &exchange.Deposit{Account: i + 1, Amount: 1})[0]
			answered.Add(1)
			if reply.ID != uint64(i+1) || reply.Code != exchange.Accepted {
				t.Errorf("account %d was answered %+v", i+1, reply)
			}
		})
	}
	time.Sleep(50 * time.Millisecond) // enough for whoever does not wait for the disk
	if n := answered.Load(); n > 0 {
		t.Errorf("%d were answered while the disk was busy", n)
	}
	holding.Store(false)
	close(held)
	wait.Wait()
}
