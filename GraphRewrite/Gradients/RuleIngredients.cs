using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>What several gradient rules are made of.</summary>
internal static class RuleIngredients
{
    /// <summary>0 in a value's shape and type.</summary>
    public static Value ZerosLike(this OpBuilder op, Value like) => op.Expand(op.ScalarLike(like, 0), op.Shape(like));

    /// <summary>A condition as 0 and 1 of a value's type.</summary>
    public static Value Indicator(this OpBuilder op, Value condition, Value like) =>
        op.Cast(condition, like.Type.FloatIfUndefined());

    public static Value Compare(this OpBuilder op, string comparison, Value x, double bound) => op.Op(comparison, [x, op.ScalarLike(x, bound)]);

    /// <summary>Zeros in x's shape, with updates added where the indices say (ScatterElements' meaning).</summary>
    public static Value ScatterAdd(this OpBuilder op, Value x, Value indices, Value updates, long axis) =>
        op.Op("ScatterElements", [op.ZerosLike(x), indices, updates], ("axis", axis), ("reduction", "add"));

    /// <summary>
    /// The adjoint of picking elements: `pick` maps the flat positions of x's elements to those that were picked; dY is added up there.
    /// Needs no shape.
    /// </summary>
    public static Value ScatterPicked(this OpBuilder op, Value x, Value dY, Func<Value, Value> pick)
    {
        Value shape = op.Shape(x), size = op.Op("Size", [x]);
        Value positions = op.Reshape(op.Range(size), shape);
        Value zeros = op.Expand(op.ScalarLike(x, 0), op.Reshape(size, 1));
        Value sums = op.Op("ScatterElements", [zeros, op.Reshape(pick(positions), -1), op.Reshape(dY, -1)], ("axis", 0), ("reduction", "add"));
        return op.Reshape(sums, shape);
    }

    /// <summary>The product of known extents along axes as a constant, else computed.</summary>
    public static Value CountAlong(this OpBuilder op, Value x, IReadOnlyCollection<long> axes, Value like)
    {
        if (x.Shape is { } shape)
        {
            Dim count = axes.Aggregate((Dim)1, (product, axis) => product * shape[(int)axis]);
            if (count.IsKnown) return op.ScalarLike(like, count.Value);
        }
        Value extents = op.Gather(op.Shape(x), op.Ints([.. axes]));
        return op.Cast(op.Reduce("ReduceProd", extents, [0], keepDims: false), like.Type.FloatIfUndefined());
    }

    /// <summary>Attributes as an operator's builder takes them.</summary>
    public static (string Name, object Value)[] Copy(this Node node, params string[] except) =>
    [
        .. node.Attributes
            .Where(attribute => attribute.Value is not null && !except.Contains(attribute.Name))
            .Select(attribute => (attribute.Name, attribute.Value!)),
    ];
}
