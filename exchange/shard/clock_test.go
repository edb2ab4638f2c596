package shard

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Log time never goes back, whatever time a batch carries.
func TestLogTimeNeverGoesBack(t *testing.T) {
	s, out := New(), Output{}
	for _, test := range []struct{ carries, is exchange.Time }{{1000, 1000}, {400, 1000}, {1001, 1001}, {0, 1001}} {
		batch := wire.AppendBatchHead(nil, test.carries, 1)
		batch, err := wire.AppendCommand(batch, &exchange.Deposit{Account: 1, Amount: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(batch, &out); err != nil {
			t.Fatal(err)
		}
		if s.Now() != test.is || out.Time != test.is || out.Replies[0].Time != test.is {
			t.Errorf("a batch of %d came out at %d, answered at %d, and it is %d; want %d",
				test.carries, out.Time, out.Replies[0].Time, s.Now(), test.is)
		}
	}
}
