package wire

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// groupTerms walks over how a group is at home.
func groupTerms(c *codec.Codec, g *exchange.GroupTerms) {
	codec.U32(c, &g.Account)
	codec.U32(c, &g.Group)
	codec.U32(c, &g.Version)
	codec.U32(c, &g.Cancelled)
	codec.U32(c, &g.Limit)
	codec.U64(c, &g.Window)
	codec.Flag(c, &g.Triggered)
	codec.Flag(c, &g.Deleted)
}

// groupCommandFields walks over what is told of groups between shards. No account asks for it.
func groupCommandFields(c *codec.Codec, cmd exchange.Command) {
	var none exchange.Key
	operator(c, &none)
	switch m := cmd.(type) {
	case *exchange.SetGroup:
		groupTerms(c, &m.GroupTerms)
	case *exchange.CountGroup:
		codec.U16(c, &m.From)
		codec.U32(c, &m.Account)
		codec.U32(c, &m.Group)
		codec.U32(c, &m.Version)
		codec.U64(c, &m.Filled)
		codec.Flag(c, &m.Triggered)
	}
}

func groupEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.GroupSet:
		groupTerms(c, &e.GroupTerms)
	case *exchange.GroupCounted:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Group)
		codec.U16(c, &e.From)
		codec.U64(c, &e.Filled)
	}
}
