package model

import (
	"reflect"

	"github.com/hustings/hustings/exchange"
)

// keyLife is how long an idempotency key is kept after its first use, its last instant included.
const keyLife exchange.Time = 24 * 3600 * 1e9

// keyTable holds what was answered to the commands that carried a key.
type keyTable map[exchange.Key]remembered

type remembered struct {
	at      exchange.Time
	content any
	reply   exchange.Reply
	market  exchange.MarketID // that the command was about; 0: none
}

// find returns what is known about a command's key; a key that was kept for long enough is forgotten.
func (t keyTable) find(now exchange.Time, cmd exchange.Command) (remembered, bool) {
	known, ok := t[keyOf(cmd)]
	if ok && now-known.at > keyLife {
		delete(t, keyOf(cmd))
		return remembered{}, false
	}
	return known, ok
}

func (t keyTable) remember(cmd exchange.Command, what remembered) {
	if key := keyOf(cmd); key != (exchange.Key{}) {
		t[key] = what
	}
}

// keyOf returns a command's key; some commands cannot have one.
func keyOf(cmd exchange.Command) (key exchange.Key) {
	if f := reflect.ValueOf(cmd).Elem().FieldByName("Key"); f.IsValid() {
		key = f.Interface().(exchange.Key)
	}
	return key
}

// contentOf returns a copy of the command without its key, in which an empty slice is the same as none. Since version 2
// of the rules it does not matter either whether the command said that there are funds elsewhere.
func (e *Engine) contentOf(cmd exchange.Command) any {
	content := reflect.New(reflect.TypeOf(cmd).Elem()).Elem()
	content.Set(reflect.ValueOf(cmd).Elem())
	for _, name := range []string{"Key", "FundsElsewhere"} {
		if f := content.FieldByName(name); f.IsValid() && (name == "Key" || e.Rules >= 2) {
			f.SetZero()
		}
	}
	clearEmpty(content)
	return content.Interface()
}

func clearEmpty(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			clearEmpty(v.Field(i))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
	}
}

// subject says what a refused command was about, as far as it names something.
func subject(cmd exchange.Command) (exchange.AccountID, exchange.MarketID, exchange.OrderID) {
	v := reflect.ValueOf(cmd).Elem()
	field := func(name string) uint64 {
		if f := v.FieldByName(name); f.IsValid() {
			return f.Uint()
		}
		return 0
	}
	return exchange.AccountID(field("Account")), exchange.MarketID(field("Market")), exchange.OrderID(field("Order"))
}

// KeysOf lists the keys of the commands about a market whose answers are still good.
func (e *Engine) KeysOf(id exchange.MarketID) (all []exchange.Key) {
	for key, known := range e.keys {
		if known.market == id && e.Now-known.at <= keyLife {
			all = append(all, key)
		}
	}
	return all
}
