package lobster

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/load/naive"
)

func naiveTable(t *testing.T, messages []Message) (*Plan, Table) {
	t.Helper()
	p, err := NewPlan(messages)
	if err != nil {
		t.Fatal(err)
	}
	expected := p.Expected()
	return p, p.Reconcile(func(order uint32) []naive.Trade { return expected[order] })
}

// The price of tick 5,000 is 10.00: half of the lines are at or above it.
const recording = `34200.000000001,1,11,100,100000,1
34200.5,1,12,50,100000,1
34201,1,13,70,100100,-1
34201.1,2,11,40,100000,1
34201.2,4,11,60,100000,1
34201.25,5,0,10,100050,1
34202,4,12,20,100000,1
34202,1,14,10,99900,1
34202.1,4,14,10,100000,1
34203,4,13,80,100100,-1
34204,4,99,5,100100,-1
34205,1,15,30,100000,-1
34206,3,12,20,100000,1
34206.5,3,77,20,100000,1
34206.6,2,78,20,100000,1
34207,1,16,30,99900,-1
34208,1,17,1,99999900,-1
34208,3,17,1,99999900,-1
34209,3,16,20,99900,-1
34209,2,15,10,100000,-1
34209.123456789123,7,0,0,-1,-1
`

func TestPlanFollowsTheRules(t *testing.T) {
	messages, err := Read(strings.NewReader(recording))
	if err != nil {
		t.Fatal(err)
	}
	p, got := naiveTable(t, messages)
	want := Table{
		Executions: 5, Agreed: 2, Differing: 2, Unfilled: 1,
		Adds: 7, AddsOut: 1, AddsCrossing: 2, Amendments: 1, Deletes: 2, DeletesGone: 3, AmendsGone: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if p.Accounts != 3 || p.Median != 1000 {
		t.Errorf("%d accounts, median %d; want 3, 1000", p.Accounts, p.Median)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		for _, trade := range s.Trades {
			if maker := placedBy(p, trade.Maker); maker == s.Account {
				t.Errorf("step %d: account %d trades with itself", i, maker)
			}
		}
	}
	if last := messages[len(messages)-1]; last.Time != 9*time.Hour+30*time.Minute+9*time.Second+123456789 {
		t.Errorf("the last message has time %v", last.Time)
	}
}

func placedBy(p *Plan, order uint32) int {
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Order == order && (s.Type == Add || s.Type == Execute) {
			return s.Account
		}
	}
	return -1
}

func TestReadRefusesWhatIsNotARecording(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"1,1,1,1,1", "5 columns"},
		{"1,1,1,1,1,1,1", "7 columns"},
		{"x,1,1,1,1,1", "time"},
		{"86400,1,1,1,1,1", "time"},
		{"1.5x,1,1,1,1,1", "time"},
		{"1.123456789x,1,1,1,1,1", "time"},
		{"-1,1,1,1,1,1", "time"},
		{"1,0,1,1,1,1", "type"},
		{"1,8,1,1,1,1", "type"},
		{"1,1,-1,1,1,1", "order id"},
		{"1,1,1,0,1,1", "size"},
		{"1,1,1,4294967296,1,1", "size"},
		{"1,1,1,1,1.5,1", "price"},
		{"1,1,1,1,1,0", "direction"},
		{"0.5,1,1,1,1,1", "before"},
	} {
		_, err := Read(strings.NewReader("1,1,1,1,1,1\n" + c.line + "\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: error is %v, want one with %q and line 2", c.line, err, c.want)
		}
	}
}

func TestNewPlanRefusesWhatTheExchangeCannotTake(t *testing.T) {
	if _, err := NewPlan(nil); err == nil {
		t.Error("a plan was made of nothing")
	}
	if _, err := NewPlan([]Message{{Type: Add, Size: maxQuantity + 1, Price: 100}}); err == nil {
		t.Error("an order of more than the greatest quantity was planned")
	}
}

func TestReadUnpacks(t *testing.T) {
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	_, _ = z.Write([]byte(recording))
	_ = z.Close()
	packed := file.Bytes()
	got, err := Read(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := Read(strings.NewReader(recording))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Read(bytes.NewReader(packed[:len(packed)-5])); err == nil {
		t.Error("a torn file was read without an error")
	}
}

// recordedHour reads the recording that the environment names.
func recordedHour(t *testing.T) []Message {
	t.Helper()
	const variable = "HUSTINGS_LOBSTER_FILE"
	name := os.Getenv(variable)
	if name == "" {
		t.Skipf("set %s to the recording of AAPL, 21 June 2012, 09:30 to 10:30, to check it", variable)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	messages, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func TestRecordedHour(t *testing.T) {
	messages := recordedHour(t)
	_, got := naiveTable(t, messages)
	want := Table{
		Executions: 4_067, Agreed: 3_984, Differing: 70, Unfilled: 13,
		Adds: 44_256, AddsOut: 5, AddsCrossing: 1, Amendments: 469, Deletes: 40_928, DeletesGone: 76,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(messages) != 91_997 {
		t.Errorf("%d messages; table (-want +got):\n%s", len(messages), diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(recording)
	f.Fuzz(func(t *testing.T, text string) {
		messages, err := Read(strings.NewReader(text))
		if err != nil || len(messages) > 1_000 {
			return
		}
		p, err := NewPlan(messages)
		if err != nil {
			return
		}
		if got := len(p.Expected()); got != int(p.Orders)+1 {
			t.Fatalf("%d orders, trades of %d", p.Orders, got-1)
		}
	})
}
