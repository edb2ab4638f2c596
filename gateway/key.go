package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// keyScope keeps apart keys that were given in different ways, so that none of them can meet another by accident.
type keyScope byte

const (
	scopeHeader      keyScope = iota + 1 // an account's Idempotency-Key
	scopeClientOrder                     // an account's client_order_id
	scopeBatchOrder                      // an account's Idempotency-Key and an order's place in the batch
	scopeBatchCancel                     // the same for a cancel
	scopeOperator                        // the operator's Idempotency-Key
	scopeAnonymous                       // an Idempotency-Key with a name, of who has no account yet
	scopeRecord                          // the operator's Idempotency-Key, of the record that he acts
	scopeSessions                        // an account's Idempotency-Key, of the sessions that end with a password
	scopeProposal                        // the operator's Idempotency-Key, of an act that another one has to approve
)

// keyVersion is part of every derived key. Changing it forgets all keys that are in use.
const keyVersion = "hustings key 1\x00"

// deriveKey turns a client's key into the core's: the first 16 bytes of SHA-256 over
//
//	keyVersion · scope · account u32 · place u32 · key
func deriveKey[T string | []byte](scope keyScope, account exchange.AccountID, place int, key T) exchange.Key {
	var room [len(keyVersion) + 9 + api.MaxKey]byte
	b := append(room[:0], keyVersion...)
	b = append(b, byte(scope))
	b = binary.LittleEndian.AppendUint32(b, uint32(account))
	b = binary.LittleEndian.AppendUint32(b, uint32(place))
	b = append(b, key...)
	sum := sha256.Sum256(b)
	return exchange.Key(sum[:16])
}

// headerKey returns the Idempotency-Key of a request, empty if it has none.
func headerKey(h http.Header) (string, *api.Problem) {
	given := h[api.HeaderKey]
	if len(given) == 0 {
		return "", nil
	}
	if len(given) > 1 || !printable([]byte(given[0])) {
		return "", api.CodeKeyInvalid.Problem(api.HeaderKey, "")
	}
	return given[0], nil
}

// ifMatch returns the version that a request insists on, 0 if it does not. It is given as the body of a read has it, "3", or as
// the ETag of a public read has it, W/"3-…".
func ifMatch(h http.Header, taken bool) (uint32, *api.Problem) {
	given := h["If-Match"]
	if len(given) == 0 {
		return 0, nil
	}
	if !taken {
		return 0, api.CodeIfMatchInvalid.Problem("If-Match", "This cannot be made conditional.")
	}
	v, ok := tagVersion(given[0])
	if !ok || len(given) > 1 {
		return 0, api.CodeIfMatchInvalid.Problem("If-Match", "")
	}
	return v, nil
}
