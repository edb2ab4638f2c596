package shard_test

import (
	"reflect"

	"github.com/hustings/hustings/exchange"
)

// names knows the ids of what the commands of a program made: which id a thing has depends on what else is in the
// program. Ids of orders are numbers here, without a slot. Without names everything has its id.
type names map[string]*nameTable

type nameTable struct{ ids, serials map[uint64]uint64 }

func newNames() names {
	n := names{}
	for _, field := range []string{"Account", "Market", "Group", "Order"} {
		n[field] = &nameTable{map[uint64]uint64{}, map[uint64]uint64{}}
	}
	return n
}

// missing is the id of what was never made. Accounts that came by a transfer, and copies of groups, were made by no command of the program that
// could be named: an id from foreign on stands for itself.
const (
	missing = 1 << 31
	foreign = 1 << 30
)

// learn notes what a command made.
func (n names) learn(serial uint64, cmd exchange.Command, reply exchange.Reply) {
	if n == nil || reply.Code != exchange.Accepted {
		return
	}
	var field string
	id := reply.ID
	switch cmd.(type) {
	case *exchange.Register:
		field = "Account"
	case *exchange.CreateMarket:
		field = "Market"
	case *exchange.CreateGroup:
		field = "Group"
	case *exchange.PlaceOrder:
		field, id = "Order", exchange.OrderID(id).Number()
	default:
		return
	}
	if _, known := n[field].serials[id]; !known { // otherwise it is a first answer given again
		n[field].ids[serial], n[field].serials[id] = id, serial
	}
}

// resolve copies a command and puts ids where it has serial numbers; orders get the model's ids.
func (n names) resolve(cmd exchange.Command) exchange.Command {
	return n.rename(cmd, func(t *nameTable, serial uint64) uint64 {
		if id, ok := t.ids[serial]; ok {
			return id
		}
		if foreign <= serial && serial < missing {
			return serial - foreign
		}
		return missing
	})
}

// unresolve copies a command and puts serial numbers where it has ids.
func (n names) unresolve(cmd exchange.Command) exchange.Command {
	return n.rename(cmd, func(t *nameTable, id uint64) uint64 {
		if serial, ok := t.serials[id]; ok {
			return serial
		}
		if (t == n["Account"] || t == n["Group"]) && id < foreign {
			return foreign + id
		}
		return missing
	})
}

func (n names) rename(cmd exchange.Command, rename func(*nameTable, uint64) uint64) exchange.Command {
	v := copyOf(cmd)
	if n == nil {
		return v.Interface().(exchange.Command)
	}
	for _, name := range []string{"Account", "Market", "Group"} {
		if f := v.Elem().FieldByName(name); f.IsValid() && f.Uint() != 0 {
			f.SetUint(rename(n[name], f.Uint()))
		}
	}
	if f := v.Elem().FieldByName("Order"); f.IsValid() {
		f.SetUint(uint64(modelID(rename(n["Order"], exchange.OrderID(f.Uint()).Number()))))
	}
	return v.Interface().(exchange.Command)
}

func modelID(number uint64) exchange.OrderID { return exchange.NewOrderID(number, 0) }

// withOrder copies a command and exchanges the model's id of an order for another engine's.
func withOrder(cmd exchange.Command, id func(market exchange.MarketID, number uint64) exchange.OrderID) exchange.Command {
	v := copyOf(cmd)
	if f := v.Elem().FieldByName("Order"); f.IsValid() {
		f.SetUint(uint64(id(exchange.MarketID(v.Elem().FieldByName("Market").Uint()), exchange.OrderID(f.Uint()).Number())))
	}
	return v.Interface().(exchange.Command)
}

func copyOf(cmd exchange.Command) reflect.Value {
	v := reflect.New(reflect.TypeOf(cmd).Elem())
	v.Elem().Set(reflect.ValueOf(cmd).Elem())
	return v
}

func keyOf(cmd exchange.Command) (key exchange.Key) {
	if f := reflect.ValueOf(cmd).Elem().FieldByName("Key"); f.IsValid() {
		key = f.Interface().(exchange.Key)
	}
	return key
}

// withKey copies a command and gives the copy a key, if it can have one.
func withKey(cmd exchange.Command, key exchange.Key) exchange.Command {
	v := copyOf(cmd)
	if f := v.Elem().FieldByName("Key"); f.IsValid() {
		f.Set(reflect.ValueOf(key))
	}
	return v.Interface().(exchange.Command)
}
