package api

import (
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/exchange"
)

func TestRoutesAreWhole(t *testing.T) {
	names, places := map[string]bool{}, map[string]bool{}
	for _, r := range Routes() {
		place := r.Method + " " + r.Path
		if names[r.Name] || places[place] {
			t.Errorf("%s (%s) is there twice", r.Name, place)
		}
		names[r.Name], places[place] = true, true
		if !strings.HasPrefix(r.Path, "/api/") || r.Summary == "" || r.Answer == nil || r.Status < 200 || r.Status > 201 {
			t.Errorf("%s: row is not whole: %+v", r.Name, r)
		}
		if r.Mutation() == (r.Method == http.MethodGet) {
			t.Errorf("%s: method %s with key rule %d", r.Name, r.Method, r.Key)
		}
		if (r.Listener == Admin) != (r.Need == NeedOperator) || (r.Listener == Admin) != strings.HasPrefix(r.Path, "/api/admin/") {
			t.Errorf("%s: the admin key, listener and path belong together", r.Name)
		}
		if r.IfMatch && !r.Mutation() || r.ETag && r.Mutation() {
			t.Errorf("%s: If-Match is for mutations, ETag for reads", r.Name)
		}
	}
}

// Every mutation answers with its seq, and every page of a list with the seq of the read model. What is about nodes
// or shards has no seq: it happens beside the exchange.
func TestAnswersCarrySeq(t *testing.T) {
	for _, r := range Routes() {
		a := reflect.TypeOf(r.Answer)
		switch a {
		case reflect.TypeFor[Cluster](), reflect.TypeFor[Shards](), reflect.TypeFor[ShardPlan]():
			continue
		}
		if _, ok := a.FieldByName("Seq"); !ok && r.Name != "getOrder" && r.Name != "getGroup" && r.Name != "getCheckpoint" {
			t.Errorf("%s: %s has no seq", r.Name, a)
		}
	}
}

func TestCodesAreTotalAndDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range exchange.Rejects() {
		if _, ok := rejectStatus[r]; !ok {
			t.Errorf("%v has no HTTP status", r)
		}
		p := RejectProblem(r, 7, "")
		if seen[p.Code] || p.Title == "" || p.Retry == "" || p.Status < 400 || p.Status == 500 || p.Seq != 7 {
			t.Errorf("%v: %+v", r, p)
		}
		seen[p.Code] = true
	}
	if len(rejectStatus) != len(exchange.Rejects()) {
		t.Errorf("%d statuses for %d refusals", len(rejectStatus), len(exchange.Rejects()))
	}
	for _, c := range Codes() {
		if seen[c.Code] || c.Title == "" || c.Retry == "" || c.Status < 400 {
			t.Errorf("%+v", c)
		}
		seen[c.Code] = true
	}
}

func TestMoneyText(t *testing.T) {
	for s, want := range map[string]Money{
		"0": 0, "0.0000": 0, "1": 10_000, "1.5": 15_000, "-0.3": -3_000, "922337203685477.5807": math.MaxInt64, "12.0001": 120_001,
	} {
		var m Money
		if err := m.UnmarshalText([]byte(s)); err != nil || m != want {
			t.Errorf("%q: %d, %v", s, m, err)
		}
		var back Money
		if err := back.UnmarshalText([]byte(m.String())); err != nil || back != m {
			t.Errorf("%q: %v came back as %d, %v", s, m, back, err)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "01", "-0", "-0.0", "1e3", "1_000", "0x1", " 1", "1 ", "NaN", "Inf",
		"1.00000", "922337203685477.5808", "18446744073709551616", "１", "1,5", "--1", "1.-5", "1.+5"} {
		var m Money
		if err := m.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was read as %d", s, m)
		}
	}
}

func TestIDText(t *testing.T) {
	if id, err := ParseID("18446744073709551615"); err != nil || id != math.MaxUint64 {
		t.Errorf("%d, %v", id, err)
	}
	for _, s := range []string{"", "0", "01", "+1", "-1", "1.0", "1e3", "0x1", " 1", "1\n", "18446744073709551616", "１", "1_0"} {
		if id, err := ParseID(s); err == nil {
			t.Errorf("%q was read as %d", s, id)
		}
	}
}

func TestTimeText(t *testing.T) {
	for s, want := range map[string]string{
		"2026-11-03T21:47:00Z":                "2026-11-03T21:47:00.000000000Z",
		"2026-11-03T21:47:00.5+01:00":         "2026-11-03T20:47:00.500000000Z",
		"2026-11-03T21:47:00.123456789+00:00": "2026-11-03T21:47:00.123456789Z",
		"2026-11-03T21:47:00.123456789Z":      "2026-11-03T21:47:00.123456789Z",
		"1970-01-01T00:00:00.000000001-00:00": "1970-01-01T00:00:00.000000001Z",
	} {
		got, err := ParseTime(s)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "now", "2026-11-03", "2026-11-03 21:47:00Z", "2026-11-03T21:47:00", "1969-12-31T23:59:59Z",
		"2262-04-12T00:00:00Z", "2026-13-03T21:47:00Z", "2026-11-03T21:47:00.1234567891Z", "2026-11-03T21:47:00,5Z", "1700000000",
		"2026-11-03T1:47:00Z", "2026-11-03t21:47:00z", "2026-11-03T21:47:00.1234567891+01:00"} {
		if got, err := ParseTime(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

// What is written is read back as it was, and what has no value is left out.
func TestShapesRoundTrip(t *testing.T) {
	answer := OrderAnswer{
		Receipt: Receipt{Seq: 5, Time: 1}, Order: 1 << 60, Market: 3, Outcome: Yes, Side: Buy, Type: TypeLimit, Price: 6_200,
		Quantity: 10, TimeInForce: GTC, Status: StatusOpen, Filled: 4, Remaining: 6, Cost: 24_800, Version: 1,
	}
	const want = `{"seq":"5","time":"1970-01-01T00:00:00.000000001Z","order":"1152921504606846976","market":"3","outcome":"yes",` +
		`"side":"buy","type":"limit","price":"0.6200","quantity":10,"time_in_force":"gtc","status":"open","filled":4,` +
		`"remaining":6,"cost":"2.4800","fees":"0.0000","version":1}`
	b, err := json.Marshal(answer)
	if err != nil || string(b) != want {
		t.Fatalf("%s\n%v", b, err)
	}
	var back OrderAnswer
	if err := json.Unmarshal(b, &back); err != nil || back != answer {
		t.Errorf("%+v, %v", back, err)
	}
}
