package template

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// parser fills a Template; what refers to something else is linked at the end, when everything is known.
type parser struct {
	doc          document
	out          *Template
	functions    map[string]string
	integrations map[string]integration
	authorizers  map[string]*Authorizer
	routes       []pendingRoute
	apis         []string
}

func (p *parser) resource(id string, r resource) error {
	if _, ok := leftOut(r.Type); ok {
		return nil
	}
	if r.Condition != "" {
		return fmt.Errorf("template: %s: a resource with a Condition is not played", id)
	}
	props := newProperties(id, r.Properties)
	switch r.Type {
	case "AWS::Lambda::Function":
		p.function(props)
	case "AWS::Lambda::EventSourceMapping":
		p.source(props)
	case "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration",
		"AWS::ApiGatewayV2::Authorizer":
		p.gateway(r.Type, props)
	case "AWS::SQS::Queue":
		p.queue(props)
	case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable":
		p.table(props)
	case "AWS::Events::Rule":
		p.rule(props)
	case "AWS::S3::Bucket":
		p.bucket(props)
	case "AWS::SecretsManager::Secret":
		p.secret(props)
	default:
		return fmt.Errorf("template: %s: resource type %s is not known to the local system", id, r.Type)
	}
	return props.done()
}

// functionName gives the folder under functions/ that a logical id names.
func functionName(id string) (string, bool) {
	if !regexp.MustCompile(`^[A-Z][a-z]+Function$`).MatchString(id) {
		return "", false
	}
	return strings.ToLower(strings.TrimSuffix(id, "Function")), true
}

func (p *parser) function(props *properties) {
	name, ok := functionName(props.id)
	if !ok {
		props.fail("a function's logical id must read <Name>Function, like WebhookFunction")
		return
	}
	// The code is the binary under build/, the same main and flags as deployed; the rest speaks of rights, logs and
	// labels.
	props.ignore("Code", "Role", "Description", "Tags", "LoggingConfig", "TracingConfig", "FunctionName", "RecursiveLoop")
	props.ignore("RuntimeManagementConfig", "SnapStart", "Architectures")
	props.oneOf("Runtime", "", "provided.al2023", "provided.al2")
	props.text("Handler", "")
	f := Function{
		ID: props.id, Name: name, Environment: map[string]Value{},
		Timeout:     props.seconds("Timeout", 3*time.Second),
		MemoryMiB:   props.whole("MemorySize", 128),
		Concurrency: props.whole("ReservedConcurrentExecutions", 0),
	}
	if env := props.object("Environment"); env != nil {
		if variables := env.object("Variables"); variables != nil {
			for key, v := range variables.values {
				variables.ignore(key)
				f.Environment[key] = Value{owner: props.id, raw: v}
			}
			env.close(variables)
		}
		props.close(env)
	}
	p.functions[props.id] = name
	p.out.Functions = append(p.out.Functions, f)
}

func (p *parser) source(props *properties) {
	props.ignore("Tags", "KmsKeyArn")
	s := Source{
		ID:             props.id,
		Function:       props.refers("FunctionName", "", "Arn"),
		Window:         props.seconds("MaximumBatchingWindowInSeconds", 0),
		BatchSize:      props.whole("BatchSize", 10),
		Bisect:         props.flag("BisectBatchOnFunctionError", false),
		Retries:        props.whole("MaximumRetryAttempts", -1),
		MaxAge:         props.seconds("MaximumRecordAgeInSeconds", -time.Second),
		Parallel:       props.whole("ParallelizationFactor", 1),
		Filters:        filters(props),
		ReportFailures: reports(props),
	}
	if s.MaxAge < 0 {
		s.MaxAge = -1
	}
	if !props.flag("Enabled", true) {
		props.fail("a disabled event source is not played")
	}
	if scaling := props.object("ScalingConfig"); scaling != nil {
		s.MaxConcurrency = scaling.whole("MaximumConcurrency", 0)
		props.close(scaling)
	}
	if destination := props.object("DestinationConfig"); destination != nil {
		if failed := destination.object("OnFailure"); failed != nil {
			s.OnFailureTo = failed.refers("Destination", "Arn")
			destination.close(failed)
		}
		props.close(destination)
	}
	from := props.refers("EventSourceArn", "Arn", "StreamArn")
	switch kind := p.doc.Resources[from].Type; kind {
	case "AWS::SQS::Queue":
		s.Queue = from
	case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable":
		s.Table = from
		s.FromStart = props.oneOf("StartingPosition", "", "TRIM_HORIZON", "LATEST") == "TRIM_HORIZON"
	default:
		props.fail("its source %q is neither a queue nor a table's stream", from)
	}
	p.out.Sources = append(p.out.Sources, s)
}

func reports(props *properties) bool {
	types := props.texts("FunctionResponseTypes")
	for _, t := range types {
		if t != "ReportBatchItemFailures" {
			props.fail("FunctionResponseTypes %q is not played", t)
		}
	}
	return len(types) > 0
}

func filters(props *properties) []string {
	criteria := props.object("FilterCriteria")
	if criteria == nil {
		return nil
	}
	list := criteria.objects("Filters")
	out := make([]string, 0, len(list))
	for _, f := range list {
		out = append(out, f.text("Pattern", ""))
		criteria.close(f)
	}
	props.close(criteria)
	return out
}

func (p *parser) rule(props *properties) {
	props.ignore("Description", "Name", "Tags", "RoleArn")
	// Only the minute rule exists; another rate needs another clock here first.
	props.oneOf("ScheduleExpression", "", "rate(1 minute)")
	props.oneOf("EventBusName", "default", "default")
	r := Rule{ID: props.id, Enabled: props.oneOf("State", "ENABLED", "ENABLED", "DISABLED") == "ENABLED"}
	for _, target := range props.objects("Targets") {
		// Retries of the target: a minute that failed is followed by the next minute.
		target.ignore("Id", "RetryPolicy", "DeadLetterConfig")
		r.Functions = append(r.Functions, target.refers("Arn", "Arn"))
		props.close(target)
	}
	p.out.Rules = append(p.out.Rules, r)
}

// link turns logical ids of functions into names and checks that what is referred to exists.
func (p *parser) link() error {
	for i := range p.out.Sources {
		s := &p.out.Sources[i]
		name, ok := p.functions[s.Function]
		if !ok {
			return fmt.Errorf("template: %s: %q is not a function of this template", s.ID, s.Function)
		}
		s.Function = name
		if s.OnFailureTo != "" && p.doc.Resources[s.OnFailureTo].Type != "AWS::SQS::Queue" {
			return fmt.Errorf("template: %s: its on-failure destination %s is not a queue", s.ID, s.OnFailureTo)
		}
		if err := p.checkStream(*s); err != nil {
			return err
		}
	}
	for _, r := range p.out.Rules {
		for i, id := range r.Functions {
			name, ok := p.functions[id]
			if !ok {
				return fmt.Errorf("template: %s: %q is not a function of this template", r.ID, id)
			}
			r.Functions[i] = name
		}
	}
	for _, q := range p.out.Queues {
		if q.DeadLetters != "" && p.doc.Resources[q.DeadLetters].Type != "AWS::SQS::Queue" {
			return fmt.Errorf("template: %s: its dead-letter target %s is not a queue", q.ID, q.DeadLetters)
		}
	}
	return p.linkRoutes()
}

func (p *parser) checkStream(s Source) error {
	for _, t := range p.out.Tables {
		if t.ID == s.Table && t.Stream == "" {
			return fmt.Errorf("template: %s: table %s has no stream", s.ID, t.ID)
		}
	}
	return nil
}
