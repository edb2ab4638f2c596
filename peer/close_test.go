package peer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

// A mesh that ends ends the calls that it makes and those that it answers, and waits for its handlers.
func TestCloseEndsCalls(t *testing.T) {
	for name, caller := range map[string]bool{"of the caller": true, "of the called": false} {
		t.Run(name, func(t *testing.T) {
			one, two := newRecorder(), newRecorder()
			began, ended := make(chan bool), make(chan bool, 1)
			two.call = func(ctx context.Context, _ Node, _ uint32, _ uint8, _ []byte) ([]byte, error) {
				began <- true
				<-ctx.Done()
				ended <- true
				return nil, ctx.Err()
			}
			m1, m2 := pair(t, one, two, 0)
			result := make(chan error)
			go func() {
				_, err := m1.Call(context.Background(), 2, 0, 0, nil)
				result <- err
			}()
			<-began
			if caller {
				m1.Close()
				<-ended
			} else {
				m2.Close()
				if len(ended) != 1 {
					t.Error("a handler runs after Close")
				}
			}
			if err := <-result; err == nil || errors.Is(err, ErrNotSent) {
				t.Errorf("the caller got %v", err)
			}
		})
	}
}

func TestNothingHappensAfterClose(t *testing.T) {
	m1, m2 := pair(t, newRecorder(), newRecorder(), 0)
	if err := errors.Join(m2.Close(), m2.Close()); err != nil {
		t.Error(err)
	}
	m2.SetPeers(map[Node]string{1: m1.address()})
	if m2.Send(1, 0, nil) {
		t.Error("sent after Close")
	}
	if _, err := m2.Call(t.Context(), 1, 0, 0, nil); !errors.Is(err, ErrNotSent) {
		t.Errorf("called after Close: %v", err)
	}
}

// A mesh that ends breaks its bulk off, and waits for its handlers.
func TestCloseEndsBulk(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	ended := make(chan bool, 1)
	two.serve = func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		time.Sleep(10 * time.Millisecond)
		ended <- true
	}
	m1, m2 := pair(t, one, two, 0)
	client, base := m1.Client(2)
	answer, err := client.Get(base)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	m2.Close()
	if len(ended) != 1 {
		t.Error("a handler runs after Close")
	}
	if b, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("the answer ended in order after %q", b)
	}
}
