using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;

namespace GraphRewrite.Verification;

/// <summary>
/// The closed form as the rewrite writes it today, put into a copy of BEFORE in each of its forms: the new part of AFTER must be one of them, node by
/// node. Numbers alone could be right on the batches that are tried and wrong on others.
/// </summary>
internal sealed class KnownForms
{
    private readonly Graph before;
    private readonly KnownForm[] forms;

    /// <param name="before">The training model as it was.</param>
    /// <param name="gradients">The plain gradients that were replaced.</param>
    /// <param name="lambda">λ as AFTER stores it.</param>
    /// <exception cref="GraphRewriteException">The rewrite refuses BEFORE.</exception>
    public KnownForms(Model before, IReadOnlyList<LayerGradient> gradients, double lambda)
    {
        this.before = before.Graph;
        string[] trainable = [.. ParameterGradients.Of(before.Graph).Select(pair => pair.Parameter).Distinct()];
        var options = new TrActOptions
        {
            Lambda = lambda,
            Layers = [.. gradients.Select(gradient => gradient.Name).Distinct()],
            UserInputs = [.. FeedsOf(before.Graph, gradients, trainable)],
            Trainable = trainable,
        };
        (Model one, Model other) = (before.Clone(), before.Clone());
        (KnownForm primal, KnownForm dual) = Both.Of(
            () => new KnownForm(one, options with { Form = TrActForm.Primal }), () => new KnownForm(other, options with { Form = TrActForm.Dual }));
        forms = [primal, dual];
    }

    /// <summary>The graph inputs that the layers' X come from and that are not trained.</summary>
    public static IEnumerable<string> FeedsOf(Graph before, IEnumerable<LayerGradient> gradients, IReadOnlyCollection<string> trainable) =>
        Walk.Upstream(gradients.Select(gradient => gradient.Layer.In(0)))
            .Where(value => value.IsGraphInput && !value.IsInitializer && !trainable.Contains(value.Name) && !GradientNames.IsBuffer(value.Name))
            .Select(value => value.Name);

    /// <summary>How the new gradient of AFTER differs from the form that it is nearest to; null: it is one of them.</summary>
    /// <param name="gradient">The plain gradient that it replaces.</param>
    /// <param name="root">The new gradient.</param>
    /// <param name="walk">Which value of AFTER stands for which of BEFORE.</param>
    public string? Difference(LayerGradient gradient, Value root, Correspondence walk)
    {
        string?[] found = [.. forms.Select(form => new Descent(before, walk, form.Signatures).Difference(root, form.Graph.Get(gradient.DW.Name)))];
        if (found.Any(difference => difference is null)) return null;
        (int nearest, _) = forms.Index().MaxBy(form => form.Item.Graph.Values.Count(value => IsInAfter(form.Item.Signatures.Of(value))));
        return $"it is not the closed form as the rewrite writes it ({forms[nearest].Form.ToString().ToLowerInvariant()} form): {found[nearest]}";

        bool IsInAfter(string signature) => walk.SignaturesAfter.Find(signature) is not null;
    }

    /// <summary>A model with one of the forms in it.</summary>
    private sealed class KnownForm
    {
        public KnownForm(Model model, TrActOptions options)
        {
            TrActRewrite.Apply(model, options);
            ExpandTrAct.Apply(model.Graph);
            (Form, Graph, Signatures) = (options.Form, model.Graph, new(model.Graph));
        }

        public TrActForm Form { get; }

        public Graph Graph { get; }

        public ConeSignatures Signatures { get; }
    }

    /// <summary>The way down two cones at once, to the first place where they are not alike.</summary>
    private sealed class Descent(Graph before, Correspondence walk, ConeSignatures known)
    {
        private readonly HashSet<(Value, Value)> seen = [];

        public string? Difference(Value found, Value wanted)
        {
            if (!seen.Add((found, wanted)) || walk.SignaturesAfter.Of(found) == known.Of(wanted)) return null;
            if (wanted.IsInitializer && found.IsInitializer)
                return $"the constant '{found.Name}' differs from '{wanted.Name}' there: {Contents.Difference(wanted, found) ?? "another type"}";
            if (walk.InBefore(found) is { } counterpart && before.Find(wanted.Name) == counterpart) return null; // what differs lies outside
            if (found.Producer is not { } a || wanted.Producer is not { } k)
                return $"'{found.Name}' stands where it has '{wanted.Name}'";
            if (a.Op != k.Op) return $"node {a} stands where it has {k.Op}";
            if (found.ProducerIndex != wanted.ProducerIndex) return $"it takes output {wanted.ProducerIndex} of {a}, not {found.ProducerIndex}";
            string? attribute = Contents.AttributeDifferences(k, a, (_, _) => true).FirstOrDefault();
            if (attribute is not null) return $"node {a}: {attribute} (BEFORE being the known form)";
            if (a.Inputs.Count != k.Inputs.Count) return $"node {a} has {a.Inputs.Count} inputs instead of {k.Inputs.Count}";
            foreach ((Value? input, Value? other) in a.Inputs.Zip(k.Inputs))
            {
                if (input is null != other is null) return $"node {a} has inputs where it has none, or none where it has some";
                if (input is not null && Difference(input, other!) is { } deeper) return deeper;
            }
            return CapturedDifference(a, k) ?? BranchDifference(a, k);
        }

        private string? CapturedDifference(Node a, Node k)
        {
            foreach (Value wanted in k.Captured)
            {
                Value? found = a.Captured.FirstOrDefault(value => value.Name == wanted.Name);
                if (found is not null && Difference(found, wanted) is { } deeper) return deeper;
            }
            return null;
        }

        /// <summary>Branches that are alike by the names of what they capture, or by what that is computed from, are the same.</summary>
        private string? BranchDifference(Node a, Node k)
        {
            foreach ((NodeAttribute found, NodeAttribute wanted) in a.Attributes.Zip(k.Attributes).Where(pair => pair.First.Subgraphs.Count > 0))
            {
                bool sameNames = ConeSignatures.OfBranches(found, name => name) == ConeSignatures.OfBranches(wanted, name => name);
                if (sameNames || OfCones(found, a, walk.SignaturesAfter) == OfCones(wanted, k, known)) continue;
                return $"the {found.Name} of node {a} computes something else";
            }
            return null;
        }

        private static string OfCones(NodeAttribute attribute, Node node, ConeSignatures signatures) =>
            ConeSignatures.OfBranches(attribute, name => signatures.Of(node.Graph.Get(name)));
    }
}
