package history

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// at is one call: when it was asked and answered, and what. No answer: until is 0.
type at struct {
	asked, until  int64
	input, output any
}

// verdict checks a written history of one subject.
func verdict(t *testing.T, begin func(*Recorder) *Subject, calls []at) Verdict {
	t.Helper()
	r := NewRecorder()
	s := begin(r)
	for i, a := range calls {
		c := s.Call(i, a.input)
		if a.output != nil {
			c.Return(a.output)
			c.answered = a.until
		}
		c.asked = a.asked
	}
	v, err := r.Check(10*time.Second, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func cash(r *Recorder) *Subject   { return r.Cash("cash of ada") }
func market(r *Recorder) *Subject { return r.Market("market 1") }

var histories = []struct {
	name    string
	subject func(*Recorder) *Subject
	good    bool
	calls   []at
}{
	{"one after the other", cash, true, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 4, ReadCash{}, Cash{5}}, {5, 6, Withdraw{6}, Refused{}}, {7, 8, Withdraw{5}, Done{}}, {9, 10, ReadCash{}, Cash{0}}}},
	{"at the same time, either way", cash, true, []at{
		{1, 9, Deposit{5}, Done{}}, {2, 3, ReadCash{}, Cash{0}}, {4, 5, ReadCash{}, Cash{5}}}},
	{"stale read", cash, false, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 4, ReadCash{}, Cash{0}}}},
	{"read that goes back", cash, false, []at{
		{1, 9, Deposit{5}, Done{}}, {2, 3, ReadCash{}, Cash{5}}, {4, 5, ReadCash{}, Cash{0}}}},
	{"lost write", cash, false, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 4, Deposit{2}, Done{}}, {5, 6, ReadCash{}, Cash{2}}}},
	{"applied twice", cash, false, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 4, ReadCash{}, Cash{10}}}},
	{"refused and yet done", cash, false, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 4, Withdraw{6}, Refused{}}, {5, 6, Withdraw{5}, Refused{}}}},
	{"spent twice", cash, false, []at{
		{1, 2, Deposit{5}, Done{}}, {3, 8, Withdraw{5}, Done{}}, {4, 7, Withdraw{5}, Done{}}}},
	{"no answer, and it happened late", cash, true, []at{
		{1, 0, Deposit{5}, nil}, {2, 3, ReadCash{}, Cash{0}}, {4, 5, ReadCash{}, Cash{5}}}},
	{"no answer, and it never happened", cash, true, []at{
		{1, 0, Deposit{5}, nil}, {2, 3, ReadCash{}, Cash{0}}}},
	{"no answer, and it happened twice", cash, false, []at{
		{1, 0, Deposit{5}, nil}, {2, 3, ReadCash{}, Cash{5}}, {4, 5, ReadCash{}, Cash{10}}}},
	{"it happened before it was asked for", cash, false, []at{
		{1, 2, ReadCash{}, Cash{5}}, {3, 0, Deposit{5}, nil}}},

	{"a trade", market, true, []at{
		{1, 2, Place{"a", true, 6000, 3}, Placed{0, 3, 0}},
		{3, 4, Place{"b", false, 4500, 2}, Placed{2, 0, 2 * 4000}},
		{5, 6, ReadOrder{"a"}, Order{1, false}},
		{7, 8, ReadBook{}, Depth{"1@6000 ", ""}},
		{9, 10, Cancel{"a"}, Done{}},
		{11, 12, Cancel{"a"}, Refused{}},
		{13, 14, ReadOrder{"a"}, Order{1, true}},
		{15, 16, Cancel{"b"}, Refused{}},
		{17, 18, ReadBook{}, Depth{}}}},
	{"the oldest first, the best first", market, true, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, Place{"b", true, 6000, 1}, Placed{0, 1, 0}},
		{5, 6, Place{"c", true, 6100, 1}, Placed{0, 1, 0}},
		{7, 8, ReadBook{}, Depth{"1@6100 2@6000 ", ""}},
		{9, 10, Place{"d", false, 4000, 2}, Placed{2, 0, 3900 + 4000}},
		{11, 12, ReadOrder{"a"}, Order{0, false}},
		{13, 14, ReadOrder{"b"}, Order{1, false}}}},
	{"jumped the queue", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, Place{"b", true, 6000, 1}, Placed{0, 1, 0}},
		{5, 6, Place{"c", false, 4000, 1}, Placed{1, 0, 4000}},
		{7, 8, ReadOrder{"a"}, Order{1, false}}}},
	{"a lost order", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, ReadBook{}, Depth{}}}},
	{"an order that is there twice", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, ReadBook{}, Depth{"2@6000 ", ""}}}},
	{"filled twice", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 9, Place{"b", false, 4000, 1}, Placed{1, 0, 4000}},
		{4, 8, Place{"c", false, 4000, 1}, Placed{1, 0, 4000}}}},
	{"a cancelled order trades", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, Cancel{"a"}, Done{}},
		{5, 6, Place{"b", false, 4000, 1}, Placed{1, 0, 4000}}}},
	{"a cancel without an answer", market, true, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 0, Cancel{"a"}, nil},
		{5, 6, Place{"b", false, 4000, 1}, Placed{0, 1, 0}}}},
	{"a wrong price", market, false, []at{
		{1, 2, Place{"a", true, 6000, 1}, Placed{0, 1, 0}},
		{3, 4, Place{"b", false, 4500, 1}, Placed{1, 0, 4500}}}},
}

func TestHistories(t *testing.T) {
	for _, h := range histories {
		t.Run(h.name, func(t *testing.T) {
			v := verdict(t, h.subject, h.calls)
			if good := len(v.Violations) == 0; good != h.good || len(v.Undecided) > 0 || v.Calls != len(h.calls) {
				t.Errorf("%+v", v)
			}
			if h.good {
				return
			}
			_, picture, _ := strings.Cut(strings.TrimSuffix(v.Violations[0], ")"), "(see ")
			if content, err := os.ReadFile(picture); err != nil || !strings.Contains(string(content), "<html") {
				t.Errorf("no drawing: %v", err)
			}
		})
	}
}

func TestReadThatFailedIsForgotten(t *testing.T) {
	r := NewRecorder()
	s := cash(r)
	s.Call(1, ReadCash{}).Forget()
	s.Call(1, Deposit{1})
	if calls, open := s.Size(); calls != 2 || open != 1 {
		t.Errorf("%d calls, %d open", calls, open)
	}
	if v, err := r.Check(time.Second, t.TempDir()); err != nil || v.Calls != 1 || v.Open != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// A long history with calls without an answer is decided fast enough for runs that have thousands of subjects.
func TestLongHistory(t *testing.T) {
	r, random := NewRecorder(), rand.New(rand.NewPCG(1, 2))
	s := market(r)
	var b book
	var names []string
	for i := range 300 {
		before := s.recorder.now()
		p := Place{fmt.Sprint(i), random.IntN(2) == 0, uint16(4900 + 50*random.IntN(5)), uint32(1 + random.IntN(3))}
		var answer Placed
		b, answer = b.place(p)
		names = append(names, p.Name)
		c := s.Call(i%4, p)
		if i%50 != 10 {
			c.Return(answer)
		}
		d := s.Call(4, ReadBook{})
		d.Return(Depth{b.depth(true), b.depth(false)})
		d.asked = before // they overlap
		name := names[random.IntN(len(names))]
		o := b[b.find(name)]
		s.Call(5, ReadOrder{name}).Return(Order{o.left, o.cancelled})
	}
	if v, err := r.Check(time.Minute, t.TempDir()); err != nil || v.Violations != nil || v.Undecided != nil || v.Open != 6 {
		t.Errorf("%+v, %v", v, err)
	}
}
