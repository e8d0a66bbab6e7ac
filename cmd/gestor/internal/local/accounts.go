package local

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

//go:embed accounts.json
var captured []byte

// Accounts gives our own accounts of the local default, as the Accounts parameter wants them: those of the captured
// payloads, so that any of them can be sent, and one of each network for the simulator.
func Accounts() (string, error) {
	all := map[string][]string{}
	if err := json.Unmarshal(captured, &all); err != nil {
		return "", fmt.Errorf("local: accounts.json: %w", err)
	}
	for network, id := range SimulatorAccounts() {
		if !slices.Contains(all[network], id) {
			all[network] = append(all[network], id)
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("local: accounts: %w", err)
	}
	return string(data), nil
}

// SimulatorAccounts gives the account that is ours in each simulated network.
func SimulatorAccounts() map[string]string {
	return map[string]string{
		"facebook":  "100000000000001",
		"instagram": "100000000000011",
		"whatsapp":  "100000000000041",
		"x":         "1000000000000000021",
		"linkedin":  "urn:li:organization:1000031",
	}
}
