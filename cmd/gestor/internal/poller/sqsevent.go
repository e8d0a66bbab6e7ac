package poller

import "fmt"

// Message is a received message in the words of the queue service. Attributes are those SQS adds
// (ApproximateReceiveCount, SentTimestamp, MessageGroupId, …), as text; MessageAttributes those of the sender.
// AttributesMD5 may be empty.
type Message struct {
	ID                string
	Receipt           string
	Body              string
	BodyMD5           string
	AttributesMD5     string
	Attributes        map[string]string
	MessageAttributes map[string]Attribute
}

// Attribute is a message attribute; of Text and Binary the one that DataType asks for is set.
type Attribute struct {
	DataType string
	Text     string
	Binary   []byte
}

// group is the message group, empty in a standard queue.
func (m Message) group() string { return m.Attributes["MessageGroupId"] }

type sqsRecord struct {
	ID            string                  `json:"messageId"`
	Receipt       string                  `json:"receiptHandle"`
	Body          string                  `json:"body"`
	Attributes    map[string]string       `json:"attributes"`
	Custom        map[string]sqsAttribute `json:"messageAttributes"`
	BodyMD5       string                  `json:"md5OfBody"`
	AttributesMD5 string                  `json:"md5OfMessageAttributes,omitempty"`
	Source        string                  `json:"eventSource"`
	SourceARN     string                  `json:"eventSourceARN"`
	Region        string                  `json:"awsRegion"`
}

type sqsAttribute struct {
	Text       *string  `json:"stringValue,omitempty"`
	Binary     []byte   `json:"binaryValue,omitempty"`
	TextList   []string `json:"stringListValues"`
	BinaryList [][]byte `json:"binaryListValues"`
	DataType   string   `json:"dataType"`
}

// sqsRecordJSON is one element of the Records of a Lambda SQS event (aws-lambda-go events.SQSMessage).
func sqsRecordJSON(m Message, arn, region string) ([]byte, error) {
	r := sqsRecord{
		ID: m.ID, Receipt: m.Receipt, Body: m.Body, BodyMD5: m.BodyMD5, AttributesMD5: m.AttributesMD5,
		Attributes: m.Attributes, Custom: map[string]sqsAttribute{}, Source: "aws:sqs", SourceARN: arn, Region: region,
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	for name, a := range m.MessageAttributes {
		out := sqsAttribute{DataType: a.DataType, TextList: []string{}, BinaryList: [][]byte{}}
		if len(a.Binary) > 0 {
			out.Binary = a.Binary
		} else {
			text := a.Text
			out.Text = &text
		}
		r.Custom[name] = out
	}
	record, err := marshal(r)
	if err != nil {
		return nil, fmt.Errorf("poller: message %s: %w", m.ID, err)
	}
	return record, nil
}
