package failover

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

const ms = time.Millisecond

func TestLongestGap(t *testing.T) {
	fault := time.Now()
	b := newBook()
	for _, a := range []struct {
		at   time.Duration
		home int
	}{
		{-300 * ms, 0}, {-100 * ms, 0}, // a gap before the fault does not count
		{-2 * ms, 0}, {-1 * ms, 1}, {30 * ms, 1}, // clients of the lost node do not count
		{58 * ms, 2}, {57 * ms, 0}, {59 * ms, 0}, // as they came to the lock
		{200 * ms, 0},
	} {
		b.acks = append(b.acks, ack{fault.Add(a.at), a.home})
	}
	for _, test := range []struct {
		until, from, to time.Duration
		but             int
		over            bool
	}{
		{until: 50 * ms, but: 1, from: -2 * ms, to: 57 * ms, over: true},
		{until: 50 * ms, but: -1, from: -1 * ms, to: 30 * ms, over: true},
		{until: 100 * ms, but: 1, from: 59 * ms, to: 200 * ms, over: false}, // it ends with what came last: there may be more
	} {
		g, over := b.longestGap(fault, fault.Add(test.until), test.but)
		if over != test.over || !g.from.Equal(fault.Add(test.from)) || !g.to.Equal(fault.Add(test.to)) {
			t.Errorf("until %v but %d: %v to %v, over: %v", test.until, test.but, g.from.Sub(fault), g.to.Sub(fault), over)
		}
	}
}

func TestPhasesAreReadFromLogs(t *testing.T) {
	fault := time.Date(2026, 11, 3, 20, 0, 0, int(500*ms), time.UTC)
	dir := t.TempDir()
	line := func(after time.Duration, text string) string {
		return fmt.Sprintf("time=%s level=DEBUG msg=\"1 %s 4\" part=consensus\n", fault.Add(after).Format("2006-01-02T15:04:05.000Z07:00"), text)
	}
	early := line(-time.Second, stands) + line(-time.Second, elected)
	l := Logs{}
	for name, text := range map[string]string{
		"a": line(70*ms, stands) + "a line without a time\n" + line(75*ms, elected) + line(400*ms, stands),
		"b": line(68*ms, stands) + line(300*ms, elected),
	} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(early+text), 0o600); err != nil {
			t.Fatal(err)
		}
		l[name] = int64(len(early))
	}
	p, err := l.phases(fault)
	if want := (Phases{Stood: 68 * ms, Elected: 75 * ms}); err != nil || p != want {
		t.Errorf("%+v, %v", p, err)
	}
	if n, err := l.Campaigns(); n != 3 || err != nil {
		t.Errorf("%d campaigns, %v", n, err)
	}
}

func TestWhatIsLostOrDoubledIsFound(t *testing.T) {
	h := history{placed: map[string]uint64{}, gone: map[uint64]struct{}{}}
	for i, id := range []string{"a", "b", "c", "b", ""} { // b twice, and one that has no id
		h.event(&exchange.OrderPlaced{Order: exchange.OrderID(i + 1), ClientID: []byte(id)})
	}
	cancelled := new(exchange.OrderCancelled)
	cancelled.Order = 3
	h.event(cancelled)
	for name, test := range map[string]struct {
		placed map[string]uint64
		gone   []uint64
		lost   int
	}{
		"all there":            {placed: map[string]uint64{"a": 1, "b": 2}, gone: []uint64{3}},
		"an order is gone":     {placed: map[string]uint64{"a": 1, "d": 9}, lost: 1},
		"another number":       {placed: map[string]uint64{"a": 2}, lost: 1},
		"the second of two":    {placed: map[string]uint64{"b": 4}, lost: 1},
		"a cancel is not done": {gone: []uint64{3, 1}, lost: 1},
	} {
		gone := map[uint64]struct{}{}
		for _, order := range test.gone {
			gone[order] = struct{}{}
		}
		if lost, doubled := h.compare(test.placed, gone); lost != test.lost || doubled != 1 {
			t.Errorf("%s: %d lost, %d doubled", name, lost, doubled)
		}
	}
}

func TestAcknowledgementsAreKept(t *testing.T) {
	b := newBook()
	b.acknowledged(1, &client.Request{Method: "POST", Path: "/api/markets/1/orders", Raw: []byte(`{"price":"0.5","client_order_id":"t-1-2"}`)},
		[]byte(`{"seq":"8","order":"77","market":"1"}`))
	b.acknowledged(2, &client.Request{Method: "DELETE", Path: "/api/markets/1/orders/78"}, []byte(`{"order":"78"}`))
	if _, gone := b.gone[78]; !gone || len(b.gone) != 1 || !maps.Equal(b.placed, map[string]uint64{"t-1-2": 77}) {
		t.Errorf("orders %v, cancels %v", b.placed, b.gone)
	}
	if len(b.acks) != 2 || b.acks[0].home != 1 || b.acks[1].home != 2 {
		t.Errorf("%+v", b.acks)
	}
	b.refused(errors.New("the connection broke"))
	b.refused(&client.Error{Problem: api.Problem{Status: 503, Code: "no_leader"}})
	b.refused(&client.Error{Problem: api.Problem{Status: 409, Code: tooLate}}) // it has traded: no error
	if want := map[string]int{"no_answer": 1, "no_leader": 1}; !maps.Equal(b.codes, want) {
		t.Errorf("%v", b.codes)
	}
}
