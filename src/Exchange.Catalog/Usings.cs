global using Exchange.Policy.Conditions;
global using Exchange.Policy.Masks;
