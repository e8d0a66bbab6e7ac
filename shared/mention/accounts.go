package mention

import (
	"encoding/json"
	"errors"
	"fmt"

	"sence.gob.cl/gestor/shared/fault"
)

// Accounts are the accounts that are ours, by network, as ids of that network: Facebook page ids, WhatsApp phone number
// ids, and so on. Its JSON form is {"facebook":["id",…],…}. A nil Accounts means that nobody said which are ours, and then
// every account is; an empty one means that none is.
type Accounts map[Network][]string

// ParseAccounts reads the JSON form. It refuses (fault.Invalid) what is not an object of lists of strings, and a network
// nobody knows, because a misspelt name would make every event of that network foreign without a word.
func ParseAccounts(text []byte) (Accounts, error) {
	var accounts Accounts
	if err := json.Unmarshal(text, &accounts); err != nil {
		return nil, fault.New(fault.Invalid, "mention.ParseAccounts", err)
	}
	if accounts == nil {
		return nil, fault.New(fault.Invalid, "mention.ParseAccounts", errors.New("null"))
	}
	for network := range accounts {
		if !network.Known() {
			return nil, fault.New(fault.Invalid, "mention.ParseAccounts", fmt.Errorf("no network is called %q", network))
		}
	}
	return accounts, nil
}

// Ours reports whether the account id of network n is one of ours.
func (a Accounts) Ours(n Network, id string) bool {
	if a == nil {
		return true
	}
	for _, own := range a[n] {
		if own == id {
			return true
		}
	}
	return false
}
