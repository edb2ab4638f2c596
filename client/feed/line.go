package feed

import (
	"context"
	"sync"
	"time"
)

// line is a connection over which requests are answered. It may be used concurrently.
type line struct {
	conn *conn
	done chan struct{} // closed when it is over

	mu      sync.Mutex
	last    int                 // id of a request
	waiting map[int]chan *reply // for the answers to requests; each has room for it
	err     error               // why it is over
}

// answerTime is how long nothing may come while something is to be answered.
const answerTime = 10 * time.Second

// open begins to listen.
func open(c *conn) *line {
	l := &line{conn: c, done: make(chan struct{}), waiting: map[int]chan *reply{}}
	l.expect()
	go l.listen()
	return l
}

// ask sends the text of a request and waits for its answer, until the connection is lost.
func (l *line) ask(ctx context.Context, text []byte) (*reply, error) {
	answer := make(chan *reply, 1)
	l.mu.Lock()
	l.last++
	id := l.last
	if l.waiting[id] = answer; len(l.waiting) == 1 {
		l.expect()
	}
	l.mu.Unlock()
	if err := l.conn.send(text, id); err != nil {
		l.end(err)
	}
	select {
	case a := <-answer:
		return a, nil
	case <-l.done:
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiting, id)
		l.expect()
		return nil, ctx.Err()
	}
	select {
	case a := <-answer: // it came at last
		return a, nil
	default:
		return nil, l.err
	}
}

// expect says how long nothing may come from now on.
func (l *line) expect() {
	patience := l.conn.patience
	if len(l.waiting) > 0 {
		patience = min(patience, answerTime)
	}
	_ = l.conn.SetReadDeadline(time.Now().Add(patience)) // it fails only where reading does
}

// listen passes answers on until the connection is lost.
func (l *line) listen() {
	for {
		m, err := l.conn.read()
		if err != nil {
			l.end(err)
			return
		}
		l.mu.Lock()
		if a, is := m.(*reply); is {
			if answer := l.waiting[a.ID]; answer != nil {
				delete(l.waiting, a.ID)
				answer <- a
			}
		}
		l.expect()
		l.mu.Unlock()
	}
}

// over reports whether the connection is lost.
func (l *line) over() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// end ends the connection, for a reason.
func (l *line) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = why
		close(l.done)
		l.conn.Close()
	}
}
