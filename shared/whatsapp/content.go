package whatsapp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// maxCards bounds the cards of one message; WhatsApp publishes 257.
const maxCards = 257

// content reads what a message holds, and reports false for a type nobody knows.
func (m message) content(out *mention.Event) bool {
	text := words("")
	switch m.Type {
	case "text":
		text = m.text()
	case "image":
		text = hang(out, "image", m.Image)
	case "video":
		text = hang(out, "video", m.Video)
	case "audio", "voice":
		text = hang(out, "audio", m.Audio)
	case "document":
		text = hang(out, "file", m.Document)
	case "sticker":
		_ = hang(out, "sticker", m.Sticker)
		setFlag(out, mention.FlagSticker, true)
		out.Outcome = mention.Thread
	case "location":
		text = m.place(out)
	case "contacts":
		text = m.cards(out)
	case "order":
		text = m.order(out)
	case "button":
		text = m.button(out)
	case "interactive":
		text = m.interactive(out)
	default:
		return false
	}
	cut := false
	out.Text, cut = text.capped()
	setFlag(out, mention.FlagTruncated, cut)
	return true
}

func (m message) text() words {
	var w struct {
		Body words `json:"body"`
	}
	_ = readObject(m.Text, &w) // what has no text says nothing
	return w.Body
}

// hang adds a media item and gives what was written under it. Of media only the id is told, which is good for 7 days; the
// address that some deliveries add is good for 5 minutes and for our token alone, so it is left out where there is an id.
func hang(out *mention.Event, kind string, raw json.RawMessage) words {
	var w struct {
		ID       ident `json:"id"`
		URL      words `json:"url"`
		Caption  words `json:"caption"`
		Filename words `json:"filename"`
		Voice    yes   `json:"voice"`
	}
	if !readObject(raw, &w) {
		return ""
	}
	one := mention.Attachment{Type: kind, ID: w.ID.s}
	if one.ID == "" {
		one.URL = address(w.URL)
	}
	out.Attachments = append(out.Attachments, one)
	setFlag(out, mention.FlagVoice, bool(w.Voice))
	if w.Caption == "" {
		return w.Filename
	}
	return w.Caption
}

// place reads a location: an attachment whose address is a geo URI (RFC 5870), and the names the place has.
func (m message) place(out *mention.Event) words {
	var w struct {
		Lat     words `json:"latitude"`
		Long    words `json:"longitude"`
		Name    words `json:"name"`
		Address words `json:"address"`
	}
	setFlag(out, mention.FlagGeo, true)
	one := mention.Attachment{Type: "location"}
	_ = readObject(m.Location, &w) // a place without its whereabouts is still a message
	lat, errLat := strconv.ParseFloat(string(w.Lat), 64)
	long, errLong := strconv.ParseFloat(string(w.Long), 64)
	if errLat == nil && errLong == nil && lat >= -90 && lat <= 90 && long >= -180 && long <= 180 {
		one.URL = "geo:" + strconv.FormatFloat(lat, 'f', -1, 64) + "," + strconv.FormatFloat(long, 'f', -1, 64)
	}
	out.Attachments = append(out.Attachments, one)
	if w.Name == w.Address {
		return w.Name
	}
	return lines([]words{w.Name, w.Address})
}

// lines joins the texts that are not empty.
func lines(texts []words) words {
	var list []string
	for _, text := range texts {
		if text != "" {
			list = append(list, string(text))
		}
	}
	return words(strings.Join(list, "\n"))
}

// cards reads the contacts of a third person that somebody sent: an attachment and a line of text for each.
func (m message) cards(out *mention.Event) words {
	list, _, _ := elements(m.Contacts, maxCards)
	var texts []words
	for _, raw := range list {
		var w struct {
			Name struct {
				Formatted words `json:"formatted_name"`
			} `json:"name"`
			Phones json.RawMessage `json:"phones"`
		}
		if !readObject(raw, &w) {
			continue
		}
		line := string(w.Name.Formatted)
		phones, _, _ := elements(w.Phones, maxCards)
		for _, raw := range phones {
			var phone struct {
				Phone words `json:"phone"`
			}
			if readObject(raw, &phone) && phone.Phone != "" {
				line = strings.TrimSpace(line + " " + string(phone.Phone))
			}
		}
		texts = append(texts, words(line))
		out.Attachments = append(out.Attachments, mention.Attachment{Type: "contact"})
	}
	return lines(texts)
}

// order reads what somebody picked from a catalogue; SENCE has none, so the words are all that matters.
func (m message) order(out *mention.Event) words {
	var w struct {
		Text words `json:"text"`
	}
	if readObject(m.Order, &w) {
		out.Attachments = append(out.Attachments, mention.Attachment{Type: "order"})
	}
	return w.Text
}

// button reads a pressed button of a template.
func (m message) button(out *mention.Event) words {
	var w struct {
		Text    words `json:"text"`
		Payload words `json:"payload"`
	}
	_ = readObject(m.Button, &w) // that a button was pressed is known without its words
	pressed(out)
	if w.Text == "" {
		return w.Payload
	}
	return w.Text
}

// pressed marks an answer that was chosen and not written: it goes on with a conversation and opens none.
func pressed(out *mention.Event) {
	out.Outcome = mention.Thread
	setFlag(out, mention.FlagPostback, true)
}

// interactive reads the choice of a button or of a line of a list, or a form that was filled in. Only the form is the
// person's own words.
func (m message) interactive(out *mention.Event) words {
	type choice struct {
		ID    words `json:"id"`
		Title words `json:"title"`
	}
	var w struct {
		Button choice `json:"button_reply"`
		List   choice `json:"list_reply"`
		Form   struct {
			Body     words           `json:"body"`
			Response json.RawMessage `json:"response_json"`
		} `json:"nfm_reply"`
	}
	_ = readObject(m.Interactive, &w) // it may be missing
	if answers := form(w.Form.Response); answers != "" {
		out.Outcome = mention.Thread
		return answers
	}
	pressed(out)
	for _, text := range []words{w.Button.Title, w.List.Title, w.Button.ID, w.List.ID} {
		if text != "" {
			return text
		}
	}
	return w.Form.Body
}

// form gives the answers of a form, which come as JSON in a string, one line for each question in the order they came.
// The token of the form is ours and no answer.
func form(raw json.RawMessage) words {
	var text words
	_ = json.Unmarshal(raw, &text) // words read any value
	inner := []byte(text)
	var answers map[string]json.RawMessage
	if !readObject(inner, &answers) {
		return ""
	}
	var list []words
	dec := json.NewDecoder(bytes.NewReader(inner))
	_, _ = dec.Token() // the brace: readObject has proved the rest
	for dec.More() {
		key, _ := dec.Token()
		var answer json.RawMessage
		if dec.Decode(&answer) != nil {
			break
		}
		name, _ := key.(string)
		var said words
		if _ = json.Unmarshal(answer, &said); said == "" && present(answer) && (answer[0] == '{' || answer[0] == '[') {
			said = words(answer)
		}
		if name != "flow_token" && said != "" {
			list = append(list, words(strings.ReplaceAll(name, "\x00", "\ufffd")+": "+string(said)))
		}
	}
	return lines(list)
}
