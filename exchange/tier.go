package exchange

// Tier is how much of the exchange an account may take up: the limits of its requests follow from it.
type Tier uint8

// Tiers. A credential without one has its account's; an account without one is standard.
const (
	TierUnset Tier = iota
	TierStandard
	TierPremium
	TierInstitutional
	tiers
)

var tierNames = [tiers]string{"", "standard", "premium", "institutional"}

// String returns the word of a tier, such as "premium"; that of TierUnset is empty.
func (t Tier) String() string {
	if t < tiers {
		return tierNames[t]
	}
	return "unknown"
}

// Known reports whether there is such a tier.
func (t Tier) Known() bool { return t < tiers }

// Within returns the tier of a credential of an account: its own, and never above the account's.
func (t Tier) Within(account Tier) Tier {
	account = max(account, TierStandard)
	if t == TierUnset {
		return account
	}
	return min(t, account)
}

// Scheme is how the holder of a credential shows that it is his.
type Scheme uint8

// Schemes.
const (
	SchemeSecret  Scheme = iota // he sends the secret of which the exchange has the hash
	SchemeEd25519               // he signs with the key to the public key of which the exchange has the hash
	schemes
)

// Known reports whether there is such a scheme.
func (s Scheme) Known() bool { return s < schemes }

// SetTier changes an account's tier. It is an act of the operator.
type SetTier struct {
	Account AccountID
	Key     Key
	Version uint32 // the account's version; 0: any
	Tier    Tier
}

// CommandKind implements Command.
func (*SetTier) CommandKind() CommandKind { return KindSetTier }

// TierSet says which tier an account has from now on.
type TierSet struct {
	Account AccountID
	Version uint32 // of the account
	Tier    Tier
}

// EventKind implements Event.
func (*TierSet) EventKind() EventKind { return KindTierSet }

// EndSessions ends all sessions of an account but one.
type EndSessions struct {
	Account AccountID
	Key     Key
	Keep    CredentialID // 0: none
}

// CommandKind implements Command.
func (*EndSessions) CommandKind() CommandKind { return KindEndSessions }

// SessionsEnded says that all sessions of an account ended but one.
type SessionsEnded struct {
	Account AccountID
	Keep    CredentialID // 0: none
}

// EventKind implements Event.
func (*SessionsEnded) EventKind() EventKind { return KindSessionsEnded }
