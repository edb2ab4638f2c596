package projection

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Credential is an API key or the token of a session.
type Credential struct {
	ID          exchange.CredentialID
	Account     exchange.AccountID
	Hash        [32]byte
	Permissions exchange.Permission
	Session     bool
	Revoked     bool
	ExpireAt    exchange.Time // 0: never; whether it has passed is for the caller to see
	Label       string
	Tier        exchange.Tier // unset: the account's
	Scheme      exchange.Scheme
	Addresses   string        // from where it may be used; empty: from anywhere
	CreatedAt   exchange.Time // statistic
}

type credential struct {
	Credential
	older uint32 // the account's key before this one; sessions have no such list
}

func hashSecret(hash *[32]byte) uint32 { return binary.LittleEndian.Uint32(hash[:]) }

func (v *View) credentialCreated(a *account, e *exchange.CredentialCreated) *InconsistencyError {
	if e.Session && v.rules >= exchange.GuardRules {
		v.forgetSessions(e.Account)
	}
	if c := v.credentials.get(uint32(e.Credential)); e.Credential == 0 || uint32(e.Credential) > v.lastCredential+1 || c != nil && c.ID != 0 {
		return broken("credential %d follows credential %d", e.Credential, v.lastCredential)
	}
	if v.credentialOf(&e.Hash) != nil {
		return broken("credential %d has the hash of another", e.Credential)
	}
	v.addCredential(a, &Credential{ID: e.Credential, Account: e.Account, Hash: e.Hash, Permissions: e.Permissions,
		Session: e.Session, ExpireAt: e.ExpireAt, Label: e.Label, Tier: e.Tier,
		Scheme: e.Scheme, Addresses: e.Addresses, CreatedAt: v.now})
	return nil
}

func (v *View) addCredential(a *account, from *Credential) {
	id := uint32(from.ID)
	v.lastCredential = max(v.lastCredential, id)
	c := v.credentials.make(id)
	*c = credential{Credential: *from}
	if from.Session {
		v.sessions[from.Account] = append(v.sessions[from.Account], id)
	} else {
		c.older, a.newestKey = a.newestKey, id
	}
	v.secrets.insert(hashSecret(&from.Hash), id)
}

func (v *View) credentialRevoked(e *exchange.CredentialRevoked) *InconsistencyError {
	c := v.credentials.get(uint32(e.Credential))
	if c == nil || c.ID == 0 || c.Account != e.Account {
		return broken("it has no credential %d", e.Credential)
	}
	if c.Revoked {
		return broken("credential %d is revoked already", e.Credential)
	}
	c.Revoked = true
	return nil
}

// maxSessions is how many sessions of an account there are at once.
const maxSessions = 100

// forgetSessions forgets the sessions of an account that are over, and makes room for one more: those that expire first go.
func (v *View) forgetSessions(id exchange.AccountID) {
	all := v.sessions[id]
	slices.SortFunc(all, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(v.credentials.at(b).ExpireAt, v.credentials.at(a).ExpireAt), cmp.Compare(b, a))
	})
	kept := all[:0]
	for _, i := range all {
		c := v.credentials.at(i)
		if !c.Revoked && c.ExpireAt > v.now && len(kept) < maxSessions-1 {
			kept = append(kept, i)
			continue
		}
		v.secrets.remove(hashSecret(&c.Hash), i)
		*c = credential{}
	}
	v.sessions[id] = kept
}

func (v *View) sessionsEnded(e *exchange.SessionsEnded) {
	for _, i := range v.sessions[e.Account] {
		if c := v.credentials.at(i); c.ID != e.Keep {
			c.Revoked = true
		}
	}
}

func (v *View) credentialOf(hash *[32]byte) *credential {
	for p := v.secrets.probe(hashSecret(hash)); p.next(); {
		if c := v.credentials.at(p.number); c.Hash == *hash {
			return c
		}
	}
	return nil
}

// CredentialByHash returns the credential whose secret has this SHA-256, revoked and expired ones included.
func (v *View) CredentialByHash(hash [32]byte) (c Credential, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	found := v.credentialOf(&hash)
	if found == nil {
		return Credential{}, false
	}
	return found.Credential, true
}

// Credentials returns the account's credentials, keys before sessions, the newest key first, revoked ones included. Sessions that
// were forgotten are not among them.
func (v *View) Credentials(id exchange.AccountID) []Credential {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	var all []Credential
	for i := v.accounts.at(uint32(id)).newestKey; i != 0; {
		c := v.credentials.at(i)
		all = append(all, c.Credential)
		i = c.older
	}
	for _, i := range v.sessions[id] {
		all = append(all, v.credentials.at(i).Credential)
	}
	return all
}
