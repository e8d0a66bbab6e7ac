package channel

import "time"

// Tokens are the keys of an account: what a network gave when a person connected it. Access opens calls until Until (zero:
// it does not end); Refresh, where there is one, gets the next Access and ends at RefreshUntil. Secret is the second half of
// an OAuth 1.0a key. They are never logged, printed or shown.
type Tokens struct {
	Method       Method    `json:"method"`
	Access       string    `json:"access"`
	Secret       string    `json:"secret,omitempty"`
	Refresh      string    `json:"refresh,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	RefreshUntil time.Time `json:"refreshUntil,omitzero"`
	DataUntil    time.Time `json:"dataUntil,omitzero"` // Meta: access to data, apart from the key
	Scopes       []string  `json:"scopes,omitempty"`
	FirstAt      time.Time `json:"firstAt,omitzero"` // of the grant from which all renewals come
	RenewedAt    time.Time `json:"renewedAt,omitzero"`
}

// String keeps the keys out of everything that prints.
func (Tokens) String() string { return "Tokens{…}" }

// GoString is String for %#v.
func (Tokens) GoString() string { return "Tokens{…}" }

// Method is how an account was connected.
type Method string

// The methods.
const (
	OAuth2 Method = "oauth2"
	OAuth1 Method = "oauth1" // X: a key that does not end
	ByHand Method = "manual" // a key pasted by an operator (Meta's system user)
)

// Access is what one call needs of the keys.
type Access struct {
	Account string
	Token   string
	Secret  string // OAuth 1.0a only
}

// String keeps the key out of everything that prints.
func (a Access) String() string { return "Access{" + a.Account + "}" }

// GoString is String for %#v.
func (a Access) GoString() string { return a.String() }

// Grant is the sealed form of an account's Tokens, as it is stored. Rev moves on with each renewal and is its lock: of two
// who renew, one writes. LeaseBy renews it until LeaseUntil and nobody else does; an older lease may be taken over. Where
// LeaseBy is empty, a renewal came to nothing and nobody tries again before LeaseUntil. Doubt says that a renewal was begun of
// which nobody knows the outcome. Refused is when the network said that it will not renew these keys: what they open is open
// until they end, and then a person must connect the account again. Where Sealed is empty, the keys were taken away.
type Grant struct {
	Ref
	Sealed     string    `json:"sealed"`
	LeaseBy    string    `json:"leaseBy,omitempty"`
	LeaseUntil time.Time `json:"leaseUntil,omitzero"`
	Doubt      bool      `json:"doubt,omitempty"`
	Refused    time.Time `json:"refused,omitzero"`
	Rev        int       `json:"rev"`
}

// Step is how far a connection being made has come; stored by its name.
type Step string

// The steps of a connection.
const (
	StepBegun  Step = "begun"  // the person was, or is to be, sent to the network
	StepCode   Step = "code"   // the person came back with the network's word; keys are being fetched
	StepChoose Step = "choose" // several accounts: the person says which
	StepDone   Step = "done"
	StepFailed Step = "failed" // Reason says why
)

// Connection is an account being connected by a person. ID is its state parameter, random and used once. Verifier is the
// PKCE secret, Sealed what else only the worker may read (the OAuth 1.0a request secret, the keys while the account is
// chosen), Code what the person brought (Brought), sealed by desk for the worker. URL is where the person goes to say yes.
// Expires ends it all.
type Connection struct {
	ID       string    `json:"id"`
	Network  string    `json:"network"`
	Method   Method    `json:"method"`
	By       string    `json:"by"`
	Step     Step      `json:"step"`
	URL      string    `json:"url,omitempty"`
	Redirect string    `json:"redirect,omitempty"`
	Verifier string    `json:"verifier,omitempty"`
	Code     string    `json:"code,omitempty"`
	Sealed   string    `json:"sealed,omitempty"`
	Choices  []Choice  `json:"choices,omitempty"`
	Account  string    `json:"account,omitempty"` // the one chosen, then connected
	Missing  []string  `json:"missing,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	At       time.Time `json:"at"`
	Expires  time.Time `json:"-"`
	Rev      int       `json:"rev"`
}

// Choice is an account the person may connect.
type Choice struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}
