package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// stopper ends a command when it has printed a text.
type stopper struct {
	bytes.Buffer
	at   string
	stop context.CancelFunc
}

func (s *stopper) Write(b []byte) (int, error) {
	n, err := s.Buffer.Write(b)
	if strings.Contains(s.String(), s.at) {
		s.stop()
	}
	return n, err
}

// A demo on an exchange of its own says where that is, opens markets and leaves nothing behind.
func TestDemoHere(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(bound(t))
	defer cancel()
	out := &stopper{at: "resolved  ", stop: cancel}
	c := newRootCommand()
	c.SetArgs([]string{"demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--rate", "2000", "--speed", "1000"})
	c.SetOut(out)
	if err := c.ExecuteContext(ctx); err != nil {
		t.Fatal(err)
	}
	want(t, out.String(), 0, 0, "hustings register ada", "/hustings-demo-", "opened    Will ", "resolved  ", "Stopped: ")
	if strings.Contains(out.String(), "refused") {
		t.Errorf("%s", out)
	}
}
