package history

import (
	"math"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// Recorder keeps a history. It may be used concurrently.
type Recorder struct {
	begun    time.Time
	mu       sync.Mutex
	subjects []*Subject
}

// NewRecorder begins a history.
func NewRecorder() *Recorder { return &Recorder{begun: time.Now()} }

func (r *Recorder) now() int64 { return int64(time.Since(r.begun)) }

// Subject is what calls are about, independent of all other subjects.
type Subject struct {
	Name  string
	model porcupine.Model

	recorder *Recorder
	mu       sync.Mutex
	calls    []*Call
	open     int
}

// Cash begins the history of an account's cash, which begins with nothing.
func (r *Recorder) Cash(name string) *Subject { return r.subject(name, cashModel) }

// Market begins the history of a market's book, which begins empty.
func (r *Recorder) Market(name string) *Subject { return r.subject(name, marketModel) }

func (r *Recorder) subject(name string, model porcupine.Model) *Subject {
	s := &Subject{Name: name, model: model, recorder: r}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subjects = append(r.subjects, s)
	return s
}

// Call is something a client asks for.
type Call struct {
	subject       *Subject
	client        int
	input, output any // output nil: not known
	asked         int64
	answered      int64
}

// Call records that a client asks now. The client's number is for drawings only. The input is one of this package's.
func (s *Subject) Call(client int, input any) *Call {
	c := &Call{subject: s, client: client, input: input, answered: math.MaxInt64}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	s.calls = append(s.calls, c)
	c.asked = s.recorder.now()
	return c
}

// Return records that the answer is there now. It must be called at most once.
func (c *Call) Return(output any) {
	c.subject.mu.Lock()
	defer c.subject.mu.Unlock()
	c.output, c.answered = output, c.subject.recorder.now()
	c.subject.open--
}

// Forget says that a call which has no answer changed nothing either, as a read that failed.
func (c *Call) Forget() {
	c.subject.mu.Lock()
	defer c.subject.mu.Unlock()
	c.input = nil
	c.subject.open--
}

// Size returns how many calls there were and how many of them have no answer yet.
func (s *Subject) Size() (calls, open int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls), s.open
}

// operations is the history as porcupine reads it.
func (s *Subject) operations() []porcupine.Operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []porcupine.Operation
	for _, c := range s.calls {
		if c.input != nil {
			all = append(all, porcupine.Operation{ClientId: c.client, Input: c.input, Output: c.output, Call: c.asked, Return: c.answered})
		}
	}
	return all
}
