package channel

import (
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Methods lists how an account of the network can be connected, the usual one first.
func Methods(n mention.Network) []Method {
	switch n {
	case mention.Facebook, mention.Instagram, mention.WhatsApp, mention.LinkedIn:
		return []Method{OAuth2, ByHand}
	case mention.X:
		return []Method{OAuth2, OAuth1, ByHand}
	default:
		return nil
	}
}

// Brought is what a person brought to a connection: the word a network gave them, or a key they pasted (Secret is the second
// half of an OAuth 1.0a key). It is stored in the connection's Code, sealed, and never logged, printed or shown.
type Brought struct {
	Code   string `json:"code,omitempty"`
	Token  string `json:"token,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// String keeps the word and the keys out of everything that prints.
func (Brought) String() string { return "Brought{…}" }

// GoString is String for %#v.
func (Brought) GoString() string { return "Brought{…}" }

// Why a connection failed, besides what the worker says of the network's answer.
const (
	ReasonRefused = "rechazada" // the person said no at the network
	ReasonNetwork = "red"       // the network sent the person back with an error of its own
)

// Lifetime is how long a connection may take, from its beginning to the choice of the account.
const Lifetime = 30 * time.Minute

// Wanted is what a person asks for when connecting an account. Account and Token belong to a key pasted by hand.
type Wanted struct {
	Network  mention.Network
	Method   Method
	Account  string
	Token    string
	Secret   string
	By       string
	Redirect string
}

// maxKey is the longest key taken, in bytes; Meta's are the longest, around 250.
const maxKey = 4096

// Begin makes the connection under its random id. One by hand has nothing to go to: it begins where the others are when the
// person is back, and what was pasted still has to be put into Code.
func Begin(id string, w Wanted, now time.Time) (Connection, error) {
	const op = "channel.Begin"
	methods := Methods(w.Network)
	if methods == nil {
		return Connection{}, fault.Reject(op, "network", "Esa red no existe.")
	}
	if w.Method == "" {
		w.Method = methods[0]
	}
	if !slices.Contains(methods, w.Method) {
		return Connection{}, fault.Reject(op, "method", "Esa red no se conecta de esa forma.")
	}
	c := Connection{
		ID: id, Network: string(w.Network), Method: w.Method, By: w.By, Step: StepBegun, Redirect: w.Redirect,
		At: now.UTC(), Expires: now.UTC().Add(Lifetime).Truncate(time.Second), Rev: 1,
	}
	if w.Method != ByHand {
		if w.Token != "" || w.Secret != "" {
			return Connection{}, fault.Reject(op, "token", "Para pegar una clave, elige el método «manual».")
		}
		return c, nil
	}
	switch {
	case w.Account == "" || len(w.Account) > 200 || strings.ContainsFunc(w.Account, strange):
		return Connection{}, fault.Reject(op, "account", "Escribe el identificador de la cuenta, como lo muestra la red.")
	case w.Token == "" || len(w.Token) > maxKey || strings.ContainsFunc(w.Token, strange):
		return Connection{}, fault.Reject(op, "token", "Pega la clave completa, sin espacios ni saltos de línea.")
	case len(w.Secret) > maxKey || strings.ContainsFunc(w.Secret, strange):
		return Connection{}, fault.Reject(op, "secret", "Pega la segunda clave completa, sin espacios ni saltos de línea.")
	}
	c.Account, c.Step = w.Account, StepCode
	return c, nil
}

// strange reports what no id and no key of a network holds.
func strange(r rune) bool { return r <= ' ' || r > '~' }

// Returned takes the person back from the network with what was brought, sealed; refused is why nothing was, "" when it was.
// It happens once.
func (c Connection) Returned(sealed, refused string) (Connection, error) {
	if c.Step != StepBegun {
		return c, fault.Say(fault.Conflict, "channel.Returned", "Este enlace ya se usó.")
	}
	c.Rev++
	if refused != "" {
		c.Step, c.Reason = StepFailed, refused
		return c, nil
	}
	c.Step, c.Code = StepCode, sealed
	return c, nil
}

// Choose takes the person's word on which account it is to be.
func (c Connection) Choose(account string) (Connection, error) {
	const op = "channel.Choose"
	if c.Step != StepChoose || c.Account != "" {
		return c, fault.Say(fault.Conflict, op, "Esta conexión no espera que elijas una cuenta.")
	}
	if !slices.ContainsFunc(c.Choices, func(one Choice) bool { return one.Account == account }) {
		return c, fault.Reject(op, "account", "Elige una de las cuentas de la lista.")
	}
	c.Account = account
	c.Rev++
	return c, nil
}
