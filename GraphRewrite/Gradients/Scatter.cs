using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = data with updates at indices: in the place of what was there, or added to it, multiplied with it, or the larger or smaller of both and of
/// each other.
/// </summary>
/// <param name="op">Where the gradients are emitted.</param>
/// <param name="n">ScatterND or ScatterElements.</param>
/// <param name="gather">The operator that reads where n writes.</param>
/// <param name="attributes">What both have.</param>
internal sealed class Scatter(OpBuilder op, Node n, OpId gather, (string, object)[] attributes)
{
    public IReadOnlyList<Value?> Gradients(Value dY) => n.String("reduction", "none") switch
    {
        // ddata = dY with zeros at the indices, dupdates = dY there.
        "none" => [Write(dY, op.ZerosLike(n.In(2)), "none"), null, Read(dY)],
        "add" => [dY, null, Read(dY)],
        "mul" => OfProduct(dY),
        "max" or "min" => OfExtremum(dY),
        string other => throw n.Refuse($"reduction={other} has no gradient here"),
    };

    /// <summary>
    /// A factor's share is dY times the product P of all others. With z zeros among the factors of a place, and P′ the product of the rest:
    /// of a factor f ≠ 0 it is P′ / f where z = 0; of a zero P′ where it is the only one; else 0.
    /// </summary>
    private IReadOnlyList<Value?> OfProduct(Value dY)
    {
        (Value data, Value updates) = (n.In(0), n.In(2));
        Value product = Write(NonZero(data), NonZero(updates), "mul"), zeros = Write(Zero(data), Zero(updates), "add");
        return [dY * Others(data, product, zeros), null, Read(dY) * Others(updates, Read(product), Read(zeros))];

        Value Zero(Value f) => op.Indicator(op.Compare("Equal", f, 0), f);
        Value NonZero(Value f) => op.Where(op.Compare("Equal", f, 0), op.ScalarLike(f, 1), f);

        Value Others(Value f, Value rest, Value count)
        {
            Value nothing = op.ScalarLike(f, 0);
            Value ofZero = op.Where(op.Compare("Equal", count, 1), rest, nothing);
            Value ofOther = op.Where(op.Compare("Equal", count, 0), rest / NonZero(f), nothing);
            return op.Where(op.Compare("Equal", f, 0), ofZero, ofOther);
        }
    }

    /// <summary>dY to those that are as large (or small) as Y, in equal shares.</summary>
    private IReadOnlyList<Value?> OfExtremum(Value dY)
    {
        (Value data, Value updates, Value y) = (n.In(0), n.In(2), n.Out(0));
        Value fromData = op.Indicator(op.Op("Equal", [data, y]), dY), fromUpdates = op.Indicator(op.Op("Equal", [updates, Read(y)]), dY);
        Value share = dY / Write(fromData, fromUpdates, "add");
        return [fromData * share, null, fromUpdates * Read(share)];
    }

    private Value Write(Value data, Value updates, string reduction) =>
        op.Op(n.Op, [data, n.In(1), updates], [.. attributes, ("reduction", reduction)]);

    private Value Read(Value x) => op.Op(gather, [x, n.In(1)], attributes);
}
