package openapi

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
)

// examples are bodies that a real exchange takes, by the name of the route. Tests send every one of them.
var examples = map[string]any{
	"register":       api.Register{Name: "ada", Password: "correct horse battery"},
	"login":          api.Login{Name: "ada", Password: "correct horse battery"},
	"setPassword":    api.SetPassword{Current: "correct horse battery", New: "a new battery for the horse"},
	"createKey":      api.CreateKey{Label: "market maker", Permissions: []string{api.PermissionTrade}},
	"adminCreateKey": api.CreateKey{Label: "reports", Permissions: []string{api.PermissionRead}},
	"placeOrder":     api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_200, Quantity: 10, ClientOrderID: "order-1"},
	"amendOrder":     api.AmendOrder{Price: 6_100, Quantity: 20},
	"batch": api.Batch{
		Cancels: []api.BatchCancel{{Market: 1, Order: 16_777_217}},
		Orders:  []api.BatchOrder{{Market: 1, PlaceOrder: api.PlaceOrder{Outcome: api.No, Side: api.Buy, Price: 3_500, Quantity: 5}}},
	},
	"createGroup":       api.CreateGroup{Limit: 500, WindowSeconds: 60},
	"setDeadMansSwitch": api.DeadMansSwitch{TimeoutSeconds: 30},
	"deposit":           api.Transfer{Amount: 1_000_000, Reference: "play money"},
	"withdraw":          api.Transfer{Amount: 50_000},
	"createMarket":      api.CreateMarket{Question: "Will it rain in Paris tomorrow?", Tick: &api.Tick{Step: 100}},
	"updateMarket":      api.UpdateMarket{Rules: "As Météo-France reports it for the station Montsouris."},
	"resolveMarket":     api.ResolveMarket{Values: []api.Price{10_000}, Source: "Météo-France"},
	"voidMarket":        api.VoidMarket{Reason: "The station was out of order."},
	"createAccount":     api.CreateAccount{Name: "house"},
	"adminDeposit":      api.Transfer{Amount: 1_000_000, Reference: "wire 2026-311"},
	"adminWithdraw":     api.Transfer{Amount: 50_000, Reference: "wire 2026-312"},
	"setLimits":         api.SetLimits{MaxOpenOrders: 1_000},
	"addMember":         api.AddMember{Node: 4, Peers: "10.0.0.4:7000", Role: api.Voter},
	"setRole":           api.SetRole{Role: api.Voter},
	"setSynchronous":    api.SetSynchronous{Synchronous: true},
	"seize":             api.Seize{Lost: []uint16{2, 3}},
	"switchRules":       api.SwitchRules{},
	"handOver":          api.HandOver{Node: 2},
	"addShard":          api.AddShard{Points: api.SharePoints},
	"planShards":        api.PlanShards{Change: api.ChangeAdd, Points: api.SharePoints},
	"moveMarket":        api.MoveMarket{Shard: 1},
}

// Example returns a body that a route takes; ok is false if it has none. A route whose body has no example of its own gets
// one that is made of its fields.
func Example(r *api.Route) (body []byte, ok bool) {
	if r.Request == nil {
		return nil, false
	}
	v, found := examples[r.Name]
	if !found {
		v = Sample(reflect.TypeOf(r.Request)).Interface()
	}
	b, err := json.Marshal(v)
	return b, err == nil
}

// sampleString is what a text without a limit is in samples.
const sampleString = "text"

// Sample makes a value of a shape in which every field has a value that it may have.
func Sample(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			v.Field(i).Set(sampleField(t.Name(), &f))
		}
	case reflect.Slice:
		v.Set(reflect.Append(v, Sample(t.Elem())))
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(Sample(t.Elem()))
	default:
		sampleScalar(v)
	}
	return v
}

// sampleField makes a value of one field.
func sampleField(shape string, f *reflect.StructField) reflect.Value {
	l := limits[shape+"."+fieldName(f)]
	v := Sample(f.Type)
	target := v
	if f.Type.Kind() == reflect.Slice && len(l.words) > 0 {
		target = v.Index(0)
	}
	switch {
	case target.Kind() == reflect.String && len(l.words) > 0:
		target.SetString(l.words[0])
	case l.example != nil && f.Type.PkgPath() == "": // a plain text or number
		target.Set(reflect.ValueOf(l.example).Convert(f.Type))
	}
	return v
}

func sampleScalar(v reflect.Value) {
	switch v.Interface().(type) {
	case api.Price, api.Rate:
		v.SetUint(6_200)
		return
	case api.Money:
		v.SetInt(125_000)
		return
	case api.Time:
		v.SetInt(1_793_742_420_123_456_789)
		return
	case api.ID:
		v.SetUint(17)
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(sampleString)
	case reflect.Int, reflect.Int64:
		v.SetInt(60)
	default:
		v.SetUint(10)
	}
}

// sampleAnswer is what an answer may look like.
func sampleAnswer(r *api.Route) (jsontext.Value, error) {
	b, err := json.Marshal(Sample(reflect.TypeOf(r.Answer)).Interface())
	return b, err
}
