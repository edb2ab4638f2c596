package replica

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/vfs"
)

// TestLogHoldsTimesThatAscend: not only does the state machine ignore a clock that jumps back, the log does not hold it.
func TestLogHoldsTimesThatAscend(t *testing.T) {
	var offset atomic.Int64
	config := testConfig(vfs.NewMem())
	config.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	for run := range 2 {
		r := open(t, config)
		for i := range 10 {
			offset.Add(-int64(time.Minute))
			submit(t, r, order(run, i))
		}
		shut(t, r)
	}
	var last exchange.Time
	batches := 0
	if _, err := ReadLog(config.FS, config.Dir, func(e Entry) error {
		if len(e.Data) == 0 {
			return nil
		}
		now, _, _, err := wire.ReadBatch(e.Data)
		if now < last {
			t.Errorf("entry %d is of %d, after one of %d", e.Index, now, last)
		}
		last = now
		batches++
		return err
	}); err != nil || batches < 20 {
		t.Errorf("%d batches were read: %v", batches, err)
	}
}
