package projection

import (
	"encoding/binary"

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
	CreatedAt   exchange.Time // statistic
}

type credential struct {
	Credential
	older uint32 // the account's credential before this one
}

func hashSecret(hash *[32]byte) uint32 { return binary.LittleEndian.Uint32(hash[:]) }

func (v *View) credentialCreated(a *account, e *exchange.CredentialCreated) *InconsistencyError {
	if uint32(e.Credential) != v.lastCredential+1 {
		return broken("credential %d follows credential %d", e.Credential, v.lastCredential)
	}
	if v.credentialOf(&e.Hash) != nil {
		return broken("credential %d has the hash of another", e.Credential)
	}
	v.addCredential(a, &Credential{ID: e.Credential, Account: e.Account, Hash: e.Hash, Permissions: e.Permissions,
		Session: e.Session, ExpireAt: e.ExpireAt, Label: e.Label, CreatedAt: v.now})
	return nil
}

func (v *View) addCredential(a *account, from *Credential) {
	id := uint32(from.ID)
	v.lastCredential = max(v.lastCredential, id)
	*v.credentials.make(id) = credential{Credential: *from, older: a.newestCredential}
	a.newestCredential = id
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

// Credentials returns the account's credentials, newest first, sessions and revoked ones included.
func (v *View) Credentials(id exchange.AccountID) []Credential {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	var all []Credential
	for i := v.accounts.at(uint32(id)).newestCredential; i != 0; {
		c := v.credentials.at(i)
		all = append(all, c.Credential)
		i = c.older
	}
	return all
}
