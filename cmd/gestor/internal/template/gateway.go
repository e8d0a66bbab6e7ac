package template

import (
	"fmt"
	"time"
)

type integration struct {
	function string
	timeout  time.Duration
}

type pendingRoute struct {
	route       Route
	integration string
	authorizer  string
}

func (p *parser) gateway(kind string, props *properties) {
	switch kind {
	case "AWS::ApiGatewayV2::Api":
		// Another body than routes, CORS and a quick-create target would change answers, so they are not in this list.
		props.ignore("Name", "Description", "Tags", "DisableExecuteApiEndpoint", "IpAddressType")
		props.oneOf("ProtocolType", "", "HTTP")
		p.apis = append(p.apis, props.id)
	case "AWS::ApiGatewayV2::Stage":
		p.stage(props)
	case "AWS::ApiGatewayV2::Integration":
		p.integration(props)
	case "AWS::ApiGatewayV2::Authorizer":
		p.authorizer(props)
	default:
		p.route(props)
	}
}

func (p *parser) stage(props *properties) {
	// Access logs and metrics are for operators of the cloud.
	props.ignore("Description", "Tags", "AccessLogSettings", "RouteSettings")
	props.refers("ApiId", "")
	props.oneOf("StageName", "", "$default")
	if !props.flag("AutoDeploy", false) {
		props.fail("a stage without AutoDeploy is not played")
	}
	if settings := props.object("DefaultRouteSettings"); settings != nil {
		settings.ignore("DetailedMetricsEnabled")
		p.out.Throttle = Throttle{
			Rate:  settings.number("ThrottlingRateLimit", 0),
			Burst: settings.whole("ThrottlingBurstLimit", 0),
		}
		props.close(settings)
	}
}

func (p *parser) integration(props *properties) {
	props.ignore("Description", "CredentialsArn")
	props.refers("ApiId", "")
	props.oneOf("IntegrationType", "", "AWS_PROXY")
	props.oneOf("IntegrationMethod", "POST", "POST")
	props.oneOf("ConnectionType", "INTERNET", "INTERNET")
	props.oneOf("PayloadFormatVersion", "", "2.0")
	// 30 s is both the default and the most API Gateway waits.
	timeout := time.Duration(props.number("TimeoutInMillis", 30_000)) * time.Millisecond
	if p.integrations == nil {
		p.integrations = map[string]integration{}
	}
	p.integrations[props.id] = integration{function: props.refers("IntegrationUri", "Arn"), timeout: timeout}
}

func (p *parser) authorizer(props *properties) {
	props.ignore("Name")
	props.refers("ApiId", "")
	props.oneOf("AuthorizerType", "", "JWT")
	for _, source := range props.texts("IdentitySource") {
		if source != "$request.header.Authorization" {
			props.fail("IdentitySource %q is not played", source)
		}
	}
	a := &Authorizer{ID: props.id}
	jwt := props.object("JwtConfiguration")
	if jwt == nil {
		props.fail("JwtConfiguration is missing")
		return
	}
	a.Issuer = jwt.value("Issuer")
	audience, ok := jwt.value("Audience").raw.([]any)
	if !ok || len(audience) == 0 {
		jwt.fail("Audience is not a list with something in it")
	}
	for _, raw := range audience {
		a.Audience = append(a.Audience, Value{owner: props.id, raw: raw})
	}
	props.close(jwt)
	if p.authorizers == nil {
		p.authorizers = map[string]*Authorizer{}
	}
	p.authorizers[props.id] = a
}

func (p *parser) route(props *properties) {
	props.ignore("OperationName", "ApiKeyRequired")
	props.refers("ApiId", "")
	r := pendingRoute{
		route:       Route{ID: props.id, Key: props.text("RouteKey", ""), Scopes: props.texts("AuthorizationScopes")},
		integration: props.refers("Target", ""),
	}
	if props.oneOf("AuthorizationType", "NONE", "NONE", "JWT") == "JWT" {
		r.authorizer = props.refers("AuthorizerId", "")
	}
	p.routes = append(p.routes, r)
}

func (p *parser) linkRoutes() error {
	if len(p.apis) > 1 {
		return fmt.Errorf("template: %s: more than one HTTP API is not played", p.apis[1])
	}
	for _, pending := range p.routes {
		r := pending.route
		target, ok := p.integrations[pending.integration]
		if !ok {
			return fmt.Errorf("template: %s: its target %q is not an integration of this template", r.ID, pending.integration)
		}
		if r.Function, ok = p.functions[target.function]; !ok {
			return fmt.Errorf("template: %s: %q is not a function of this template", pending.integration, target.function)
		}
		r.Timeout = target.timeout
		if pending.authorizer != "" {
			if r.Authorizer = p.authorizers[pending.authorizer]; r.Authorizer == nil {
				return fmt.Errorf("template: %s: %q is not an authorizer of this template", r.ID, pending.authorizer)
			}
		}
		p.out.Routes = append(p.out.Routes, r)
	}
	return nil
}
