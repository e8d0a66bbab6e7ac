package poller

import "encoding/json"

// failures reads the answer of a function that reports batch item failures: the identifiers that failed, in the answer's
// order. An answer that says nothing (empty, null, {} or an empty list) means that all went well. It is not ok when the
// answer cannot be understood or names no identifier: then the whole batch has failed. The rules are those of "Reporting
// batch item failures" in the Lambda guide.
func failures(payload []byte) (ids []string, ok bool) {
	if len(payload) == 0 {
		return nil, true
	}
	// Through maps: names count to the letter, which a struct would not enforce.
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(payload, &answer); err != nil {
		return nil, false
	}
	list := answer["batchItemFailures"]
	if list == nil {
		return nil, true
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, false
	}
	for _, item := range items {
		var id string
		if err := json.Unmarshal(item["itemIdentifier"], &id); err != nil || id == "" {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}
