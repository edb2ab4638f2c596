package audit

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Event is an event in words.
type Event struct {
	Seq    uint64  `json:"seq"`
	Kind   string  `json:"kind"` // such as OrderPlaced
	Fields []Field `json:"fields"`
}

// Field is a field of an event: prices and money as decimals, times in UTC.
type Field struct {
	Name  string `json:"name"` // such as "maker closing"
	Value string `json:"value"`
}

// value returns a field's value, or "".
func (e *Event) value(name string) string {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func (e *Event) String() string {
	var b strings.Builder
	b.WriteString(e.Kind)
	for i, f := range e.Fields {
		if f.Value == "" {
			continue
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + f.Name + " " + f.Value)
	}
	return b.String()
}

// describe puts an event's frame into words. What is no event of this version is described by its bytes.
func describe(seq uint64, frame []byte) *Event {
	var d wire.Decoder
	event, err := d.Event(frame)
	if err != nil {
		return &Event{Seq: seq, Kind: "unreadable", Fields: []Field{{"bytes", fmt.Sprintf("%x", frame)}, {"reason", err.Error()}}}
	}
	v := reflect.ValueOf(event).Elem()
	return &Event{Seq: seq, Kind: v.Type().Name(), Fields: appendFields(nil, v)}
}

// appendFields appends the fields of a struct, those of structs in it included.
func appendFields(all []Field, v reflect.Value) []Field {
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		if field.Kind() == reflect.Struct {
			all = appendFields(all, field)
			continue
		}
		all = append(all, Field{words(name), format(name, field)})
	}
	return all
}

// words writes the name of a field as words: "MakerClosing" becomes "maker closing", "ClientID" "client id".
func words(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func format(name string, v reflect.Value) string {
	switch x := v.Interface().(type) {
	case exchange.Time:
		if x == 0 {
			return "none"
		}
		return x.Std().Format(time.RFC3339Nano)
	case exchange.Duration:
		return time.Duration(x).String()
	case exchange.Side:
		return nameOf(sides, uint8(x))
	case exchange.TimeInForce:
		return nameOf(timesInForce, uint8(x))
	case exchange.SelfTrade:
		return nameOf(selfTrades, uint8(x))
	case exchange.CommandKind:
		return nameOf(commands, uint8(x))
	case exchange.GroupAction:
		return nameOf(groupActions, uint8(x))
	case exchange.OrderFlags:
		return namesOf(orderFlags, uint8(x))
	case exchange.MarketFlags:
		return namesOf(marketFlags, uint8(x))
	case exchange.Verdict:
		return nameOf(verdicts, uint8(x))
	case exchange.Scheme:
		return nameOf(schemes, uint8(x))
	case exchange.Permission:
		return namesOf(permissions, uint8(x))
	case []byte:
		if act, ok := wire.ReadProposable(x); ok && name == "Act" {
			v := reflect.ValueOf(act).Elem()
			return "(" + (&Event{Kind: v.Type().Name(), Fields: appendFields(nil, v)}).String() + ")"
		}
		return strconv.Quote(string(x))
	case [32]byte:
		return fmt.Sprintf("%x…", x[:8])
	case fmt.Stringer:
		return x.String()
	case string:
		if name == "PasswordHash" { // not to be printed
			sum := sha256.Sum256([]byte(x))
			return fmt.Sprintf("(not shown, SHA-256 %x…)", sum[:4])
		}
		return strconv.Quote(x)
	}
	return fmt.Sprint(v.Interface())
}

var (
	sides        = []string{"buy", "sell"}
	timesInForce = []string{"good_till_cancelled", "good_till_time", "immediate_or_cancel", "fill_or_kill"}
	selfTrades   = []string{"cancel_taker", "cancel_maker", "cancel_both", "decrease_both", "allow"}
	commands     = []string{"none", "PlaceOrder", "CancelOrder", "AmendOrder", "MassCancel", "CreateGroup", "ChangeGroup", "SetDeadMan",
		"Register", "SetPassword", "CreateCredential", "RevokeCredential", "Deposit", "Withdraw", "SetLimits", "CreateMarket",
		"UpdateMarket", "SuspendMarket", "ResumeMarket", "CloseMarket", "ResolveMarket", "VoidMarket", "CancelMarketOrders", "SwitchRules",
		"SendTransfer", "ReceiveTransfer", "ReleaseTransfer", "FreezeMarket", "ThawMarket", "AdoptMarket", "AbandonMarket", "ReleaseMarket",
		"SetPlacement", "SetTier", "EndSessions", "SetHalt", "RecordAct", "SetGroup", "CountGroup", "SetApprovals", "ProposeAct", "DecideAct"}
	verdicts     = []string{"approved", "rejected", "lapsed"}
	schemes      = []string{"secret", "ed25519"}
	groupActions = []string{"reset", "trigger", "delete"}
	orderFlags   = []string{"post_only", "reduce_only", "market_order", "no_terms"}
	marketFlags  = []string{"keep_orders_on_suspend", "self_trades_allowed"}
	permissions  = []string{"read", "trade", "admin"}
)

func nameOf(names []string, n uint8) string {
	if int(n) < len(names) {
		return names[n]
	}
	return strconv.Itoa(int(n))
}

// namesOf names the bits of a set, the lowest first.
func namesOf(names []string, set uint8) string {
	var all []string
	for bit := range uint8(8) {
		if set>>bit&1 != 0 {
			if int(bit) < len(names) {
				all = append(all, names[bit])
			} else {
				all = append(all, "bit "+strconv.Itoa(int(bit)))
			}
		}
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, "+")
}
