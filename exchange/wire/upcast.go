package wire

import "github.com/hustings/hustings/exchange"

// unknownReference stands where version 1 of FundsDeposited did not record how the money came in.
const unknownReference = "unrecorded"

// upcastFundsDeposited1 brings a deposit of version 1, which had no reference, to version 2.
func upcastFundsDeposited1(e *exchange.FundsDeposited) { e.Reference = unknownReference }
