package router

import (
	"bytes"
	"context"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
)

// echo is a replica that takes everything, and answers each command with its place.
type echo struct{ Local }

func (echo) Submit(_ context.Context, _ []byte, n int, replies []exchange.Reply) error {
	for i := range n {
		replies[i].ID = uint64(i)
	}
	return nil
}

func (echo) Leader() (replica.ID, <-chan struct{}) { return 0, nil }

// Whatever another node sends as a request or an answer, it is refused or read within its bounds.
func FuzzMessages(f *testing.F) {
	f.Add(Request([]byte("commands"), 2, nil), uint8(2))
	f.Add(Request([]byte("commands"), 2, make([]byte, tracing.CarriedSize)), uint8(2))
	f.Add(Request(nil, 2, make([]byte, tracing.CarriedSize))[:20], uint8(2))
	f.Add(make([]byte, replySize), uint8(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		if answer, err := Serve(t.Context(), echo{}, b, nil); err == nil {
			if count := len(answer) / replySize; count > maxCommands || len(answer) != int(le.Uint32(b)&^traced)*replySize {
				t.Fatalf("%d bytes answer %x", len(answer), b)
			}
		}
		replies := make([]exchange.Reply, n)
		if readAnswer(b, replies) != nil {
			return
		}
		var again []byte
		for i := range replies {
			again = appendReply(again, &replies[i])
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("%x was read as %x", b, again)
		}
	})
}
