package feed

import (
	"io"
	"net"
	"testing"

	"github.com/gobwas/ws"
)

// FuzzIncoming has anything come from a client, whole frames and pieces: the connection is answered or ended, and nothing breaks.
func FuzzIncoming(f *testing.F) {
	for _, text := range []string{
		`{"op":"subscribe","channels":["book","account"],"markets":["1"],"conflate_ms":50,"min_seq":"7"}`, `{"op":"ping","id":"x"}`, `{}`, `[]`,
		`{"op":"subscribe","channels":["trades"],"all":true,"resume":[{"market":"1","channel":"book","epoch":0,"seq":"1"}]}`,
		`{"op":"retransmit","market":"1","channel":"book","after":{"epoch":1,"seq":"5"}}`, `{"op":"place","market":"1","body":{}}`,
	} {
		f.Add(masked(ws.NewTextFrame([]byte(text))))
	}
	f.Add(append(masked(ws.NewFrame(ws.OpText, false, []byte(`{"op":`))), masked(ws.NewFrame(ws.OpContinuation, true, []byte(`"ping"}`)))...))
	f.Add(masked(ws.NewPingFrame([]byte("ping"))))
	f.Add(masked(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye"))))
	f.Add(masked(ws.NewBinaryFrame([]byte{1, 2, 3})))
	server := New(Config{Lanes: 1})
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, b []byte) {
		here, there := net.Pipe()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, there) // until the connection ends
		}()
		if p := server.enter(); p != nil {
			t.Fatal(p.Detail)
		}
		c := &conn{feed: server, lane: server.lanes[0], net: here}
		c.join()
		c.keep(b)
		if len(b) > 0 {
			c.work()
		}
		c.release()
		c.leave()
		server.readers.Done()
		<-drained
	})
}

func masked(f ws.Frame) []byte {
	return ws.MustCompileFrame(ws.MaskFrameInPlaceWith(f, [4]byte{1, 2, 3, 4}))
}
