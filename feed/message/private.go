package message

import "github.com/hustings/hustings/api"

// The messages about an account. They are numbered one after the other on each node; none is written against another.

// Account begins the messages about an account, and begins them anew after a gap.
type Account struct {
	Number uint64      `json:"number"`
	Gap    bool        `json:"gap,omitzero"` // messages were left out before
	Cash   api.Money   `json:"cash"`
	Held   api.Money   `json:"held"`
	Orders []api.Order `json:"orders"`        // open ones, oldest first
	More   bool        `json:"more,omitzero"` // there are more open orders than are listed
}

// Order is an order of the account after something happened to it.
type Order struct {
	Number uint64    `json:"number"`
	Seq    api.ID    `json:"seq"`
	Time   api.Time  `json:"time"`
	Order  api.Order `json:"order"`
}

// Fill is the account's half of a trade.
type Fill struct {
	Number uint64   `json:"number"`
	Fill   api.Fill `json:"fill"`
}

// Balance is what the account has free and held on all shards.
type Balance struct {
	Number uint64    `json:"number"`
	Seq    api.ID    `json:"seq"` // of an event that it has seen
	Time   api.Time  `json:"time"`
	Cash   api.Money `json:"cash"`
	Held   api.Money `json:"held"`
}

func (*Account) kind() kind { return kindAccount }
func (*Order) kind() kind   { return kindOrder }
func (*Fill) kind() kind    { return kindFill }
func (*Balance) kind() kind { return kindBalance }
